using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;
using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Revocation;
using ModelContextProtocol.Server;

namespace McpAspire.McpServer.Tools;

/// <summary>The tool that tells a caller what its access token says.</summary>
[McpServerToolType]
[OwnsNoData]
internal sealed class WhoAmITool
{
    /// <summary>Returns the caller's identity.</summary>
    [McpServerTool(Name = "whoami", Title = "Who am I", ReadOnly = true, Idempotent = true, Destructive = false, OpenWorld = false,
        UseStructuredContent = true)]
    [Description("Says who you are to this server: subject, name, client, scopes, and when your access token expires.")]
    public static WhoAmIResult WhoAmI(CurrentCaller caller, TimeProvider time) => new(
        caller.Subject,
        caller.ClientId,
        [.. caller.Scopes.Order(StringComparer.Ordinal)],
        caller.ExpiresAt.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        Math.Max(0, (int)(caller.ExpiresAt - time.GetUtcNow()).TotalSeconds),
        caller.Name);
}

/// <summary>What <c>whoami</c> returns.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="ClientId">The client.</param>
/// <param name="Scopes">The granted scopes, sorted.</param>
/// <param name="ExpiresAt">When the token expires, ISO 8601 in UTC.</param>
/// <param name="ExpiresIn">Seconds until then.</param>
/// <param name="Name">The name, if the token has it; with a default, so that the output schema does not require it.</param>
internal sealed record WhoAmIResult(
    [property: JsonPropertyName("sub"), Description("Your subject: unique at the authorization server, for good.")] string Subject,
    [property: JsonPropertyName("client_id"), Description("The client that calls for you.")] string ClientId,
    [property: JsonPropertyName("scopes"), Description("What the client may do here.")] IReadOnlyList<string> Scopes,
    [property: JsonPropertyName("expires_at"), Description("When the access token expires, ISO 8601 in UTC.")] string ExpiresAt,
    [property: JsonPropertyName("expires_in"), Description("Seconds until the access token expires.")] int ExpiresIn,
    [property: JsonPropertyName("name"), Description("Your name, if you let the client have it.")] string? Name = null);
