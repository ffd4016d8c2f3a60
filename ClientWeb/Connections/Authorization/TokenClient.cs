using System.Net;
using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Connections.Identity;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>Talks to token and revocation endpoints, authenticated by private_key_jwt.</summary>
internal sealed class TokenClient(OutboundGuard guard, ClientAssertion assertion, ClientIdentity client, TimeProvider time)
{
    private const int MaxBytes = 64 * 1024;

    // RFC 6749 §5.1 only recommends expires_in; without it a token is taken to live this long.
    private static readonly TimeSpan AssumedLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Redeems an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).</summary>
    /// <exception cref="TokenRefusedException">It was refused.</exception>
    /// <exception cref="ConnectionException">No usable answer came.</exception>
    public Task<TokenAnswer> RedeemCodeAsync(PendingAuthorization pending, string code, CancellationToken cancellationToken) =>
        RedeemAsync(pending.Server, previous: new TokenSet("", default, null, pending.Scope), new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = client.RedirectUri,
            ["code_verifier"] = pending.Verifier,
            ["resource"] = pending.Resource,
        }, cancellationToken);

    /// <summary>Redeems a refresh token (RFC 6749 §6) for the same scopes and resource.</summary>
    /// <exception cref="TokenRefusedException">It was refused.</exception>
    /// <exception cref="ConnectionException">No usable answer came.</exception>
    public async Task<TokenSet> RefreshAsync(
        AuthorizationServerMetadata server, string resource, TokenSet tokens, CancellationToken cancellationToken)
    {
        var answer = await RedeemAsync(server, tokens, new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = tokens.RefreshToken ?? throw new TokenRefusedException("invalid_grant", "no refresh token was given"),
            ["resource"] = resource,
        }, cancellationToken);
        return answer.Tokens;
    }

    /// <summary>Revokes a token, and with it its grant (RFC 7009 §2.1).</summary>
    /// <exception cref="ConnectionException">The server did not do it.</exception>
    public async Task RevokeAsync(AuthorizationServerMetadata server, TokenSet tokens, CancellationToken cancellationToken)
    {
        if (server.RevocationEndpoint is null)
        {
            return;
        }

        var answer = await PostAsync(server, server.RevocationEndpoint, new Dictionary<string, string>
        {
            ["token"] = tokens.RefreshToken ?? tokens.AccessToken,
            ["token_type_hint"] = tokens.RefreshToken is null ? "access_token" : "refresh_token",
        }, cancellationToken);
        if (answer.Status != HttpStatusCode.OK)
        {
            throw new ConnectionException($"{server.Host} answered the revocation with {(int)answer.Status}.");
        }
    }

    private async Task<TokenAnswer> RedeemAsync(
        AuthorizationServerMetadata server, TokenSet previous, Dictionary<string, string> grant, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(server, server.TokenEndpoint, grant, cancellationToken);
        var document = MetadataReader.ParseObject(answer.Body.Span);
        if (answer.Status == HttpStatusCode.OK && document?.Text("access_token") is { } accessToken
            && string.Equals(document.Text("token_type"), "Bearer", StringComparison.OrdinalIgnoreCase))
        {
            var tokens = new TokenSet(
                accessToken,
                time.GetUtcNow() + Lifetime(document),
                document.Text("refresh_token") ?? previous.RefreshToken,
                document.Text("scope") ?? previous.Scope);
            return new TokenAnswer(tokens, document.Text("id_token"));
        }

        if ((int)answer.Status is >= 400 and < 500 && answer.Status != HttpStatusCode.TooManyRequests && document?.Text("error") is { } error)
        {
            throw new TokenRefusedException(error, document.Text("error_description"));
        }

        throw new ConnectionException($"{server.Host} gave no usable answer at its token endpoint (status {(int)answer.Status}).", passing: true);
    }

    private async Task<OutboundAnswer> PostAsync(
        AuthorizationServerMetadata server, Uri endpoint, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Content = new FormUrlEncodedContent(form.Concat(await assertion.CreateAsync(server.Issuer))),
            Headers = { Accept = { new("application/json") } },
        };
        try
        {
            return await guard.SendAsync(request, MaxBytes, cancellationToken);
        }
        catch (OutboundException exception)
        {
            throw new ConnectionException(exception.Message, passing: true, exception);
        }
    }

    private static TimeSpan Lifetime(JsonObject document) =>
        document.Number("expires_in") is > 0 and <= int.MaxValue and var seconds ? TimeSpan.FromSeconds(seconds) : AssumedLifetime;
}
