using McpAspire.AuthServer.Federation.Providers;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace McpAspire.AuthServer.Federation.Asking;

/// <summary>
/// A provider's discovery document and keys. They are kept for an hour, and after it for as long as there are no newer
/// ones; a key that is not among them makes us look again, and so does the begin of a sign-in, each at most every two
/// seconds: a person who is sent to a provider that is down sees the browser's own error.
/// </summary>
internal sealed class ProviderMetadata(Provider provider, ProviderHttp http, TimeProvider time) : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private OpenIdConnectConfiguration? _held;
    private DateTimeOffset _heldSince;
    private ProviderException? _failure;
    private DateTimeOffset _failedAt;

    /// <summary>What we know of it, fetched only where we know nothing or for too long.</summary>
    /// <exception cref="ProviderException">We know nothing of it, and it can't be asked.</exception>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        try
        {
            return await GetAsync(Lifetime, cancel);
        }
        catch (ProviderException) when (_held is not null)
        {
            return _held;
        }
    }

    /// <summary>What it says now: proof that it can be reached.</summary>
    /// <exception cref="ProviderException">It can't be asked.</exception>
    internal Task<OpenIdConnectConfiguration> GetFreshAsync(CancellationToken cancellationToken) => GetAsync(Fresh, cancellationToken);

    /// <summary>Nothing to do: who misses a key asks for a fresh document.</summary>
    public void RequestRefresh()
    {
    }

    public void Dispose() => _turn.Dispose();

    private async Task<OpenIdConnectConfiguration> GetAsync(TimeSpan oldest, CancellationToken cancellationToken)
    {
        if (Held(oldest) is { } known)
        {
            return known;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Held(oldest) is { } meanwhile)
            {
                return meanwhile;
            }

            if (_failure is not null && time.GetUtcNow() - _failedAt < FailureLifetime)
            {
                throw new ProviderException(_failure.Fault, _failure.Message, _failure);
            }

            return await RenewAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<OpenIdConnectConfiguration> RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var fetched = await FetchAsync(cancellationToken);
            (_held, _heldSince, _failure) = (fetched, time.GetUtcNow(), null);
            return fetched;
        }
        catch (ProviderException exception)
        {
            (_failure, _failedAt) = (exception, time.GetUtcNow());
            throw;
        }
    }

    private OpenIdConnectConfiguration? Held(TimeSpan oldest) => _held is not null && time.GetUtcNow() - _heldSince < oldest ? _held : null;

    private async Task<OpenIdConnectConfiguration> FetchAsync(CancellationToken cancellationToken)
    {
        OpenIdConnectConfiguration found;
        try
        {
            found = await OpenIdConnectConfigurationRetriever.GetAsync(provider.Metadata.AbsoluteUri, new Documents(provider, http), cancellationToken);
        }
        catch (Exception exception) when (exception is not ProviderException and not OperationCanceledException)
        {
            throw new ProviderException(
                ProviderFault.Misconfigured, $"{provider.Metadata} holds no discovery document. Check '{Setting("Issuer")}' and '{Setting("Metadata")}'.", exception);
        }

        if (found.Issuer != provider.Issuer)
        {
            throw new ProviderException(
                ProviderFault.Misconfigured,
                $"{provider.Metadata} says that its issuer is '{found.Issuer}', but '{Setting("Issuer")}' is '{provider.Issuer}'. "
                + "They must be equal, a slash at the end included.");
        }

        if (string.IsNullOrEmpty(found.AuthorizationEndpoint) || string.IsNullOrEmpty(found.TokenEndpoint))
        {
            throw new ProviderException(ProviderFault.Misconfigured, $"{provider.Metadata} names no authorization endpoint or no token endpoint.");
        }

        if (!ProviderTokens.Algorithms(found).Any())
        {
            throw new ProviderException(
                ProviderFault.Misconfigured,
                $"{provider.Metadata} says that it signs with {string.Join(", ", found.IdTokenSigningAlgValuesSupported)} only: have it sign ID tokens with RS256 or ES256.");
        }

        return found;
    }

    private string Setting(string name) => $"{ProviderSet.Section}:{provider.Key}:{name}";

    /// <summary>Fetches the two documents.</summary>
    private sealed class Documents(Provider provider, ProviderHttp http) : IDocumentRetriever
    {
        public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await http.SendAsync(provider, request, cancel);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsStringAsync(cancel)
                : throw new ProviderException(
                    ProviderFault.Misconfigured,
                    $"{address} answered {(int)response.StatusCode}. Does the provider still have this issuer? "
                    + $"Check '{ProviderSet.Section}:{provider.Key}:Issuer' and ':Metadata'.");
        }
    }
}
