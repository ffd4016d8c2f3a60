using System.Security.Claims;
using McpAspire.AuthServer.Discovery;
using McpAspire.AuthServer.Tokens;
using Microsoft.AspNetCore.Http.Extensions;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.SignOut;

/// <summary>
/// An end-session request (OpenID Connect RP-Initiated Logout §2) on its way through our pages: it goes along in forms and
/// URLs, and is stored nowhere, since anybody can send one. Of an <c>id_token_hint</c> only what it says goes along: no token in a URL.
/// </summary>
/// <param name="ClientId">The client, where it is named.</param>
/// <param name="PostLogoutRedirectUri">Where the browser goes afterwards.</param>
/// <param name="State">What the client gets back there.</param>
/// <param name="LogoutHint">The session that the client means.</param>
public sealed record LogoutRequest(string? ClientId, string? PostLogoutRedirectUri, string? State, string? LogoutHint = null)
{
    private const string LogoutHintName = "logout_hint";

    // Kestrel, and proxies as they come, read 8 KB of a request's first line.
    private const int LongestUrl = 7 * 1024;

    internal bool FitsUrl => Url.Length <= LongestUrl;

    internal string Url => Endpoints.Logout + new QueryBuilder(Parameters.Where(parameter => !string.IsNullOrEmpty(parameter.Value))!);

    private Dictionary<string, string?> Parameters => new()
    {
        [OpenIddictConstants.Parameters.ClientId] = ClientId,
        [OpenIddictConstants.Parameters.PostLogoutRedirectUri] = PostLogoutRedirectUri,
        [OpenIddictConstants.Parameters.State] = State,
        [LogoutHintName] = LogoutHint,
    };

    /// <param name="request">What was asked.</param>
    /// <param name="idToken">The <c>id_token_hint</c>, where it is one of ours: it names the client and the session that the request does not.</param>
    internal static LogoutRequest Of(OpenIddictRequest request, ClaimsPrincipal? idToken) => new(
        request.ClientId ?? idToken?.GetAudiences().FirstOrDefault(),
        request.PostLogoutRedirectUri,
        request.State,
        (string?)request.GetParameter(LogoutHintName) ?? idToken?.GetClaim(TokenPrincipal.Sid));

    /// <summary>Reads it from the form of the page that asks.</summary>
    internal static LogoutRequest Of(IFormCollection form) => new(
        form[OpenIddictConstants.Parameters.ClientId], form[OpenIddictConstants.Parameters.PostLogoutRedirectUri], form[OpenIddictConstants.Parameters.State]);
}
