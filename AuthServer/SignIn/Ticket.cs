using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace McpAspire.AuthServer.SignIn;

/// <summary>A value of ours that a browser brings back from a page or a cookie: encrypted, and good for a while.</summary>
/// <param name="protection">Encrypts it.</param>
/// <param name="purpose">What it is for: no other value of ours is taken for it.</param>
/// <param name="lifetime">How long it is good.</param>
internal sealed class Ticket<T>(IDataProtectionProvider protection, string purpose, TimeSpan lifetime)
    where T : class
{
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector(purpose).ToTimeLimitedDataProtector();

    internal string Protect(T value) => _protector.Protect(JsonSerializer.Serialize(value), lifetime);

    /// <summary>The value; null where there is none, or it is not ours or too old.</summary>
    internal T? Read(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? null : JsonSerializer.Deserialize<T>(_protector.Unprotect(text));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
