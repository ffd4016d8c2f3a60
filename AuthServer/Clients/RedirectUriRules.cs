using System.Collections.Immutable;
using McpAspire.AuthServer.Registration;
using McpAspire.ServiceDefaults.Outbound;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.AspNetCore.WebUtilities;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Which redirect URIs may be registered: https anywhere, http on loopback only, private-use schemes with a dot or of
/// the setting <c>RedirectUris:PrivateUseSchemes</c> (RFC 8252 §7). MCP's text knows https and localhost only.
/// </summary>
internal sealed class RedirectUriRules
{
    private const string Setting = "RedirectUris:PrivateUseSchemes";

    private static readonly string[] DefaultSchemes = ["vscode", "vscode-insiders", "cursor", "windsurf"];

    private static readonly ImmutableHashSet<string> NeverSchemes =
        ["http", "https", "javascript", "data", "file", "blob", "about", "ftp", "ws", "wss", "mailto", "vbscript", "view-source"];

    /// <summary>The parameters of an answer (RFC 6749 §4.1.2, RFC 9207 §2), none of which may come twice (§3.1).</summary>
    private static readonly ImmutableHashSet<string> OfTheAnswer = ["code", "state", "iss", "error", "error_description", "error_uri"];

    private readonly ImmutableHashSet<string> _schemes;

    /// <exception cref="InvalidOperationException">The setting names what is no such scheme.</exception>
    public RedirectUriRules(IConfiguration configuration)
    {
        var schemes = configuration.GetSection(Setting).Get<string[]>() ?? DefaultSchemes;
        if (Array.Find(schemes, scheme => !Uri.CheckSchemeName(scheme) || NeverSchemes.Contains(scheme.ToLowerInvariant())) is { } bad)
        {
            throw new InvalidOperationException($"The setting '{Setting}' has '{bad}', which is no private-use scheme. Write only its name, for example vscode.");
        }

        _schemes = [.. schemes.Select(scheme => scheme.ToLowerInvariant())];
    }

    /// <exception cref="ClientRefusedException">The URI may not be registered; the message says why.</exception>
    internal Uri Check(string? value)
    {
        if (value is not null && !RedirectUri.IsPlain(value))
        {
            throw Refused("A redirect URI has characters that no URI has (RFC 3986 §2): percent-encode them, and write a host in its xn-- form.");
        }

        if (value is null || value.Length > RedirectUri.LongestUri || !Uri.TryCreate(value, UriKind.Absolute, out var uri)
            || uri.UserInfo.Length > 0 || value.Contains('#', StringComparison.Ordinal) || AsciiHost.Of(uri) is null)
        {
            throw Refused("A redirect URI is not an absolute URI without fragment and user name, of at most 2,048 characters.");
        }

        if (QueryHelpers.ParseQuery(uri.Query).Keys.FirstOrDefault(OfTheAnswer.Contains) is { } twice)
        {
            throw Refused($"A redirect URI has the parameter '{twice}' in its query, which an answer would bring a second time. Choose another name.");
        }

        return IsAllowed(uri)
            ? uri
            : throw Refused($"The redirect URI scheme '{uri.Scheme}' is not allowed here: use https, http on loopback, or a private-use scheme with a dot.");
    }

    private bool IsAllowed(Uri uri) => uri.Scheme switch
    {
        "https" => uri.Host.Length > 0,
        "http" => PublicUrl.IsLoopbackName(uri.Host),
        _ => !NeverSchemes.Contains(uri.Scheme) && (uri.Scheme.Contains('.', StringComparison.Ordinal) || _schemes.Contains(uri.Scheme)),
    };

    private static ClientRefusedException Refused(string why) => new(why, RegistrationErrors.InvalidRedirectUri);
}
