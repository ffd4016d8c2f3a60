using System.Security.Cryptography;
using System.Text.Json;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.SigningIn;

namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>What a refresh at a provider gave: the token to keep, wrapped, and what it says of the person, where it says it.</summary>
internal sealed record Confirmation(byte[] Token, UpstreamIdentity? Identity);

/// <summary>Asks a provider, with a refresh token of it, whether what the token stands for still lives.</summary>
internal sealed class AskProvider(ProviderSet providers, ProviderDirectory directory, TokenEndpoint tokens, UpstreamTokenProtection protection, TimeProvider time)
{
    /// <exception cref="ProviderException">It says no, or can't be asked.</exception>
    internal async Task<Confirmation> AskAsync(string key, string subject, byte[] wrapped)
    {
        var provider = providers.Find(key) ?? throw new ProviderException(
            ProviderFault.Misconfigured, $"It is no longer under '{ProviderSet.Section}:{key}', but people who signed in with it are here still.");
        using var patience = new CancellationTokenSource(ProviderHttp.Patience);
        var answer = await SendAsync(provider, wrapped, patience.Token);
        var token = TokenEndpoint.Text(answer, "refresh_token") is { } rotated ? protection.Wrap(rotated) : wrapped;
        return new Confirmation(token, await IdentityAsync(provider, subject, TokenEndpoint.Text(answer, "id_token"), patience.Token));
    }

    private async Task<JsonElement> SendAsync(Provider provider, byte[] wrapped, CancellationToken cancellationToken)
    {
        try
        {
            return await tokens.AskAsync(
                provider, new() { ["grant_type"] = "refresh_token", ["refresh_token"] = protection.Unwrap(wrapped) }, cancellationToken);
        }
        catch (CryptographicException exception)
        {
            throw new ProviderException(
                ProviderFault.Misconfigured, "Its token in the database was wrapped with another key. "
                + "Set 'DataProtection:WrappingKey' back to the value that it was made with.", exception);
        }
        catch (OperationCanceledException exception)
        {
            throw new ProviderException(ProviderFault.Unreachable, $"{provider.Name} did not answer in time.", exception);
        }
    }

    /// <summary>
    /// OpenID Connect Core §12.2: a refreshed ID token is about the same person. One that can't be taken changes nothing,
    /// for the provider did confirm the token.
    /// </summary>
    private async Task<UpstreamIdentity?> IdentityAsync(Provider provider, string subject, string? idToken, CancellationToken cancellationToken)
    {
        // Where userinfo holds the claims, the ID token alone would erase them.
        if (idToken is null || provider.AsksUserInfo)
        {
            return null;
        }

        try
        {
            var validated = await new ProviderTokens(provider, directory.MetadataOf(provider), time).ValidateAsync(idToken, cancellationToken);
            return validated.IsValid && IdTokenClaims.Of(idToken) is var claims && TokenEndpoint.Text(claims, "sub") == subject
                ? UpstreamIdentity.From(provider, subject, claims)
                : null;
        }
        catch (ProviderException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
