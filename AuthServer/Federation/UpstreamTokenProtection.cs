using System.Text;
using McpAspire.ServiceDefaults.KeyRing;

namespace McpAspire.AuthServer.Federation;

/// <summary>
/// Wraps the refresh tokens of providers for the database. They hang on the service's wrapping key, which is neither
/// there nor in Redis.
/// </summary>
internal sealed class UpstreamTokenProtection(WrappingKey wrapping)
{
    private const string Purpose = "upstream-token";

    internal byte[] Wrap(string token) => wrapping.Wrap(Encoding.UTF8.GetBytes(token), Purpose);

    /// <exception cref="System.Security.Cryptography.CryptographicException">It was wrapped with another key.</exception>
    internal string Unwrap(byte[] wrapped) => Encoding.UTF8.GetString(wrapping.Unwrap(wrapped, Purpose));
}
