using System.Text.Json;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;

namespace McpAspire.AuthServer.Federation;

/// <summary>
/// Ends a session at its identity provider, server to server, with the refresh token of that session: Keycloak's end
/// session endpoint takes it; elsewhere the token is revoked (RFC 7009), which ends what hangs on it.
/// </summary>
internal sealed partial class ProviderLogout(ProviderSet providers, ProviderDirectory directory, TokenEndpoint endpoint, ILogger<ProviderLogout> logger)
{
    /// <param name="provider">The provider's key.</param>
    /// <param name="refreshToken">The session's refresh token there.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>True where it is done, or can't be done ever; false where it should be tried again later.</returns>
    internal async Task<bool> EndAsync(string provider, string refreshToken, CancellationToken cancellationToken)
    {
        if (providers.Find(provider) is not { IsOpenId: true } known)
        {
            return true;
        }

        try
        {
            var metadata = await directory.MetadataOf(known).GetConfigurationAsync(cancellationToken);
            var (address, form) = known.Type == ProviderType.Keycloak
                ? (metadata.EndSessionEndpoint, new Dictionary<string, string> { ["refresh_token"] = refreshToken })
                : (metadata.AdditionalData.TryGetValue("revocation_endpoint", out var revocation) ? revocation.ToString() : null,
                    new() { ["token"] = refreshToken, ["token_type_hint"] = "refresh_token" });
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "A session at the provider '{Provider}' could not be ended yet: {Reason}")]
    private partial void NotEnded(string provider, string reason);
}
