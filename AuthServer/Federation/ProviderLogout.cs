using System.Text.Json;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace McpAspire.AuthServer.Federation;

/// <summary>
/// Ends at an identity provider, server to server, what a refresh token of it stands for: Keycloak's end session endpoint
/// takes the token of a session and ends it; any provider with a revocation endpoint revokes one (RFC 7009).
/// </summary>
internal sealed partial class ProviderLogout(ProviderSet providers, ProviderDirectory directory, TokenEndpoint endpoint, ILogger<ProviderLogout> logger)
{
    /// <summary>False where nothing can be ended: the provider is no longer configured, or is GitHub.</summary>
    internal bool Knows(string provider) => providers.Find(provider) is { IsOpenId: true };

    /// <summary>True where the provider ends sessions: <see cref="EndAsync"/>; elsewhere <see cref="RevokeAsync"/> is all there is.</summary>
    internal bool EndsSessions(string provider) => providers.Find(provider) is { EndsSessions: true };

    /// <summary>Ends the session that a token is of.</summary>
    /// <param name="provider">The provider's key.</param>
    /// <param name="refreshToken">The session's refresh token there.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>True where it is done, or can't be done ever; false where it should be tried again later.</returns>
    internal Task<bool> EndAsync(string provider, string refreshToken, CancellationToken cancellationToken) => PostAsync(
        provider, metadata => metadata.EndSessionEndpoint, new() { ["refresh_token"] = refreshToken }, cancellationToken);

    /// <summary>Revokes a token, and whatever the provider ends with it.</summary>
    /// <inheritdoc cref="EndAsync"/>
    internal Task<bool> RevokeAsync(string provider, string refreshToken, CancellationToken cancellationToken) => PostAsync(
        provider, metadata => metadata.RevocationEndpoint, new() { ["token"] = refreshToken, ["token_type_hint"] = "refresh_token" }, cancellationToken);

    private async Task<bool> PostAsync(
        string provider, Func<OpenIdConnectConfiguration, string?> addressOf, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        if (providers.Find(provider) is not { IsOpenId: true } known)
        {
            return true;
        }

        try
        {
            var address = addressOf(await directory.MetadataOf(known).GetConfigurationAsync(cancellationToken));
            if (string.IsNullOrEmpty(address))
            {
                return true;
            }

            var (succeeded, answer) = await endpoint.PostAsync(known, new Uri(address), form, cancellationToken);
            return succeeded || IsOver(known, answer);
        }
        catch (ProviderException exception)
        {
            NotEnded(known.Key, exception.Message);
            return false;
        }
    }

    /// <summary>Only these errors say that there is nothing to end, or never will be; all else is the operator's, or passes.</summary>
    private bool IsOver(Provider provider, JsonElement answer)
    {
        var error = TokenEndpoint.Text(answer, "error");
        if (error is "invalid_grant" or "invalid_token" or "unsupported_token_type")
        {
            return true;
        }

        NotEnded(provider.Key, error is "invalid_client" or "unauthorized_client"
            ? $"it does not take us as its client ({error}). Check the client's settings on both sides."
            : $"it gave no answer that says so ({error ?? "no OAuth error"}).");
        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A session or token at the provider '{Provider}' could not be ended yet: {Reason}")]
    private partial void NotEnded(string provider, string reason);
}
