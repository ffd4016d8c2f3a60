using System.Security.Cryptography;
using McpAspire.AuthServer.Storage;
using McpAspire.ServiceDefaults.KeyRing;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Keys;

/// <summary>
/// The keys of this authorization server, kept in the database, so that they survive restarts and are the same in all
/// processes that share it.
/// </summary>
internal sealed class KeyRing(WrappingKey wrapping, TimeProvider time)
{
    private const string Purpose = "authserver-key:";
    private const int KidBytes = 16;

    private IReadOnlyList<(StoredKey Row, SecurityKey Key)> _keys = [];

    /// <summary>The signing keys that verifiers may meet, announced and retired ones included.</summary>
    internal IEnumerable<SigningCredentials> Signing =>
        _keys.Where(key => key.Row.Use != KeyUse.Encryption).Select(key => Credentials(key.Row.Use, key.Key));

    /// <summary>The encryption keys, the active one first.</summary>
    internal IEnumerable<EncryptingCredentials> Encryption =>
        _keys.Where(key => key.Row.Use == KeyUse.Encryption)
            .OrderBy(key => key.Row.State == KeyState.Active ? 0 : 1)
            .Select(key => new EncryptingCredentials(key.Key, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));

    /// <summary>The active signing key of a use.</summary>
    internal SigningCredentials Active(KeyUse use) =>
        Credentials(use, _keys.First(key => key.Row.Use == use && key.Row.State == KeyState.Active).Key);

    /// <summary>Reads the ring, and makes the first key of each use where there is none.</summary>
    /// <exception cref="InvalidOperationException">The keys were wrapped with another wrapping key.</exception>
    internal async Task LoadAsync(AuthDbContext database, CancellationToken cancellationToken)
    {
        var rows = await database.Keys.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var use in Enum.GetValues<KeyUse>().Where(use => !rows.Exists(row => row.Use == use && row.State == KeyState.Active)))
        {
            var row = New(use);
            database.Keys.Add(row);
            rows.Add(row);
        }

        await database.SaveChangesAsync(cancellationToken);
        // One order for all processes, so that they publish the same document.
        _keys = [.. rows.OrderBy(row => row.Use).ThenBy(row => row.Kid, StringComparer.Ordinal).Select(row => (row, KeyMaterial.Read(row.Use, row.Kid, Unwrap(row))))];
    }

    private StoredKey New(KeyUse use)
    {
        var kid = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(KidBytes));
        return new StoredKey
        {
            Kid = kid,
            Use = use,
            State = KeyState.Active,
            NotBefore = time.GetUtcNow(),
            Wrapped = wrapping.Wrap(KeyMaterial.Create(use), Purpose + kid),
        };
    }

    private byte[] Unwrap(StoredKey row)
    {
        try
        {
            return wrapping.Unwrap(row.Wrapped, Purpose + row.Kid);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidOperationException(
                "The keys in the database were wrapped with another key. Set 'DataProtection:WrappingKey' to the value that this database was made with.",
                exception);
        }
    }

    private static SigningCredentials Credentials(KeyUse use, SecurityKey key) =>
        new(key, use == KeyUse.IdentityToken ? SecurityAlgorithms.RsaSha256 : SecurityAlgorithms.EcdsaSha256);
}
