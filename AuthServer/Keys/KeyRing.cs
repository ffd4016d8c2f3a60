using System.Security.Cryptography;
using McpAspire.AuthServer.Storage;
using McpAspire.ServiceDefaults.KeyRing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace McpAspire.AuthServer.Keys;

/// <summary>
/// The keys of this authorization server as the database has them, so that they survive restarts and are the same in all
/// processes that share it. When keys came or went, OpenIddict's options are made anew.
/// </summary>
internal sealed class KeyRing(WrappingKey wrapping, TimeProvider time) : IOptionsChangeTokenSource<OpenIddictServerOptions>
{
    private volatile Entry[] _entries = [];
    private ConfigurationReloadToken _changed = new();

    /// <summary>All signing keys, announced and retired ones included.</summary>
    internal IEnumerable<SigningCredentials> Signing =>
        _entries.Where(entry => entry.Use != KeyUse.Encryption).Select(entry => Signs(entry));

    /// <summary>All encryption keys.</summary>
    internal IEnumerable<EncryptingCredentials> Encryption =>
        _entries.Where(entry => entry.Use == KeyUse.Encryption).Select(entry => Encrypts(entry));

    internal IEnumerable<KeyLife> Lives => _entries.Select(entry => entry.Life);

    /// <inheritdoc />
    public string? Name => Options.DefaultName;

    /// <inheritdoc />
    public IChangeToken GetChangeToken() => _changed;

    /// <summary>The active signing key of a use.</summary>
    internal SigningCredentials Active(KeyUse use) => Signs(ActiveEntry(use));

    /// <summary>The active encryption key.</summary>
    internal EncryptingCredentials ActiveEncryption() => Encrypts(ActiveEntry(KeyUse.Encryption));

    /// <summary>Reads the ring.</summary>
    /// <exception cref="InvalidOperationException">The keys were wrapped with another wrapping key.</exception>
    internal async Task ReadAsync(AuthDbContext database, CancellationToken cancellationToken)
    {
        var before = _entries;
        var known = before.ToDictionary(entry => entry.Life.Key.Kid, entry => entry.Key, StringComparer.Ordinal);
        var lives = KeyLife.Of(await database.Keys.AsNoTracking().ToListAsync(cancellationToken));
        _entries = [.. lives.Select(life => new Entry(life, known.GetValueOrDefault(life.Key.Kid) ?? Read(life.Key)))];
        if (!known.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(lives.Select(life => life.Key.Kid)))
        {
            Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
        }
    }

    /// <summary>Makes a key, which is one of the ring once it is saved and read.</summary>
    internal StoredKey New(KeyUse use, DateTimeOffset notBefore)
    {
        var kid = KeyMaterial.NewKid();
        return new StoredKey { Kid = kid, Use = use, NotBefore = notBefore, Wrapped = wrapping.Wrap(KeyMaterial.Create(use), Purpose(kid)) };
    }

    private SecurityKey Read(StoredKey row)
    {
        try
        {
            return KeyMaterial.Read(row.Use, row.Kid, wrapping.Unwrap(row.Wrapped, Purpose(row.Kid)));
        }
        catch (CryptographicException exception)
        {
            throw new InvalidOperationException(
                "The keys in the database were wrapped with another key. Set 'DataProtection:WrappingKey' to the value that this database was made with.",
                exception);
        }
    }

    /// <summary>Before the first one has begun, for a clock that is behind another process's, that one.</summary>
    private Entry ActiveEntry(KeyUse use)
    {
        var now = time.GetUtcNow();
        var ofUse = Array.FindAll(_entries, entry => entry.Use == use);
        return Array.FindLast(ofUse, entry => entry.Life.Key.NotBefore <= now) ?? ofUse[0];
    }

    private static string Purpose(string kid) => "authserver-key:" + kid;

    private static SigningCredentials Signs(Entry entry) => new(entry.Key, entry.Use switch
    {
        KeyUse.IdentityToken => SecurityAlgorithms.RsaSha256,
        KeyUse.PrivateToken => SecurityAlgorithms.HmacSha256,
        _ => SecurityAlgorithms.EcdsaSha256,
    });

    /// <summary>
    /// Directly (RFC 7518 §4.5): to wrap a key for each token would cost more than all else about it. Keys of earlier
    /// versions are too short for that, and wrap.
    /// </summary>
    private static EncryptingCredentials Encrypts(Entry entry) => new(
        entry.Key,
        entry.Key.KeySize == KeyMaterial.EncryptionBits ? JwtConstants.DirectKeyUseAlg : SecurityAlgorithms.Aes256KW,
        SecurityAlgorithms.Aes256CbcHmacSha512);

    private sealed record Entry(KeyLife Life, SecurityKey Key)
    {
        internal KeyUse Use => Life.Key.Use;
    }
}
