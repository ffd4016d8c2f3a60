using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace McpAspire.ServiceDefaults.KeyRing;

/// <summary>
/// The secret that wraps a service's keys where they are stored. It comes from the setting
/// <c>DataProtection:WrappingKey</c> (any text of 32 characters or more) and is never stored beside what it wraps. In
/// Development, where none is set, one is made and kept in a file that only this user can read.
/// </summary>
public sealed class WrappingKey
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int KeyBytes = 32;

    private readonly byte[] _secret;

    /// <summary>Makes the key from its secret.</summary>
    /// <param name="secret">32 characters or more.</param>
    /// <exception cref="InvalidOperationException">The secret is too short.</exception>
    public WrappingKey(string secret)
    {
        if (secret.Length < KeyBytes)
        {
            throw new InvalidOperationException("The setting 'DataProtection:WrappingKey' must have 32 characters or more.");
        }

        _secret = Encoding.UTF8.GetBytes(secret);
    }

    /// <summary>Encrypts with AES-256-GCM.</summary>
    /// <param name="plaintext">What to protect.</param>
    /// <param name="purpose">What it is; data of one purpose does not open as another.</param>
    /// <returns>Nonce, tag and ciphertext.</returns>
    public byte[] Wrap(ReadOnlySpan<byte> plaintext, string purpose)
    {
        var output = new byte[NonceBytes + TagBytes + plaintext.Length];
        var nonce = output.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(KeyFor(purpose), TagBytes);
        aes.Encrypt(nonce, plaintext, output.AsSpan(NonceBytes + TagBytes), output.AsSpan(NonceBytes, TagBytes));
        return output;
    }

    /// <summary>Decrypts what <see cref="Wrap"/> made.</summary>
    /// <param name="wrapped">Nonce, tag and ciphertext.</param>
    /// <param name="purpose">The purpose it was wrapped for.</param>
    /// <exception cref="CryptographicException">It was wrapped with another key or for another purpose, or was changed.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string purpose)
    {
        if (wrapped.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("The wrapped data is too short.");
        }

        var plaintext = new byte[wrapped.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(KeyFor(purpose), TagBytes);
        aes.Decrypt(wrapped[..NonceBytes], wrapped[(NonceBytes + TagBytes)..], wrapped.Slice(NonceBytes, TagBytes), plaintext);
        return plaintext;
    }

    /// <summary>Takes the configured key, or in Development the one of this user's file.</summary>
    /// <param name="configuration">The service's configuration.</param>
    /// <param name="environment">The service's environment.</param>
    /// <exception cref="InvalidOperationException">None is configured outside Development.</exception>
    public static WrappingKey From(IConfiguration configuration, IHostEnvironment environment)
    {
        if (configuration["DataProtection:WrappingKey"] is { Length: > 0 } configured)
        {
            return new WrappingKey(configured);
        }

        if (!environment.IsDevelopment())
        {
            throw new InvalidOperationException(
                "The setting 'DataProtection:WrappingKey' is missing. Give each service a secret of 32 random characters or more of its own.");
        }

        return new WrappingKey(DevelopmentSecretFile.ReadOrCreate(environment.ApplicationName));
    }

    private byte[] KeyFor(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, KeyBytes, info: Encoding.UTF8.GetBytes(purpose));
}
