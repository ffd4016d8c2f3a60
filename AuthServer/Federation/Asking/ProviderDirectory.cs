using System.Collections.Concurrent;
using McpAspire.AuthServer.Federation.Providers;

namespace McpAspire.AuthServer.Federation.Asking;

/// <summary>What each provider says of itself, kept for all requests.</summary>
internal sealed class ProviderDirectory(ProviderHttp http, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, ProviderMetadata> _metadata = new(StringComparer.Ordinal);

    internal ProviderMetadata MetadataOf(Provider provider) =>
        _metadata.GetOrAdd(provider.Key, _ => new ProviderMetadata(provider, http, time));

    public void Dispose()
    {
        foreach (var metadata in _metadata.Values)
        {
            metadata.Dispose();
        }
    }
}
