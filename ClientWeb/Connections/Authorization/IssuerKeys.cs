using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Connections.Discovery;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>
/// The keys with which authorization servers sign. An ID token is rare and comes from a place we asked: its keys are
/// read anew. A logout token can be posted by anybody: its keys are remembered, and read again only now and then.
/// </summary>
internal sealed class IssuerKeys(MetadataReader metadata, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    // A new key is announced long before it signs, so that a set this old has it.
    private static readonly TimeSpan BetweenReads = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _reading = new(1);
    private KeySet? _last;

    /// <summary>Reads the keys now.</summary>
    /// <exception cref="ConnectionException">They can't be read.</exception>
    public async Task<IReadOnlyList<SecurityKey>> ReadAsync(AuthorizationServerMetadata server, CancellationToken cancellationToken)
    {
        JsonObject document = await metadata.FindAsync(server.JwksUri, cancellationToken)
            ?? throw new ConnectionException($"{server.Host} shows no keys at {server.JwksUri}.", passing: true);
        try
        {
            return [.. new JsonWebKeySet(document.ToJsonString()).GetSigningKeys()];
        }
        catch (ArgumentException exception)
        {
            throw new ConnectionException($"The keys at {server.JwksUri} can't be read.", inner: exception);
        }
    }

    /// <summary>The keys as remembered, read again where they are old or lack one, at most every ten seconds.</summary>
    /// <param name="server">The authorization server.</param>
    /// <param name="keyId">The key that is looked for. It may be missing from the answer.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ConnectionException">They can't be read now.</exception>
    public async Task<IReadOnlyList<SecurityKey>> FindAsync(
        AuthorizationServerMetadata server, string? keyId, CancellationToken cancellationToken)
    {
        // One reads, and the others take what it found.
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var last = _last?.Place == server.JwksUri ? _last : null;
            if (last is not null && IsGood(last, keyId))
            {
                return last.Keys;
            }

            if (last is null || time.GetElapsedTime(last.TriedAt) >= BetweenReads)
            {
                _last = last = await TryReadAsync(server, last);
            }

            return last.Failure is null ? last.Keys : throw last.Failure;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _reading.Dispose();

    private bool IsGood(KeySet keys, string? keyId) =>
        time.GetElapsedTime(keys.ReadAt) < Remembered && keys.Keys.Any(key => key.KeyId == keyId);

    // Not to be cancelled by whoever asked: whoever asks and leaves would be one who reads as often as they like.
    private async Task<KeySet> TryReadAsync(AuthorizationServerMetadata server, KeySet? last)
    {
        var now = time.GetTimestamp();
        try
        {
            return new KeySet(server.JwksUri, await ReadAsync(server, CancellationToken.None), ReadAt: now, null, TriedAt: now);
        }
        catch (ConnectionException exception)
        {
            // What was read before stays good for its time.
            return (last ?? new KeySet(server.JwksUri, [], now, null, now)) with { Failure = exception, TriedAt = now };
        }
    }

    private sealed record KeySet(Uri Place, IReadOnlyList<SecurityKey> Keys, long ReadAt, ConnectionException? Failure, long TriedAt);
}
