using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.Keys;

/// <summary>What a key is for. Keys are picked by use, never by their place in a list.</summary>
internal enum KeyUse
{
    /// <summary>Signs access tokens: ES256.</summary>
    AccessToken,

    /// <summary>Signs ID and logout tokens: RS256.</summary>
    IdentityToken,

    /// <summary>Signs our client assertions at identity providers: ES256.</summary>
    ClientAssertion,

    /// <summary>
    /// Signs authorization codes, refresh tokens and stored requests, which nobody but us verifies, and which are encrypted
    /// besides: HS256, at a fraction of the cost.
    /// </summary>
    PrivateToken,

    /// <summary>Encrypts authorization codes, refresh tokens and stored requests: A256CBC-HS512.</summary>
    Encryption,
}

/// <summary>
/// A key of the ring. Its secret part is wrapped with the service's wrapping key. What state it is in follows from the
/// clock and the keys of its use (<see cref="KeyLife"/>), so that no process has to write it down in time.
/// </summary>
internal sealed class StoredKey
{
    public required string Kid { get; init; }

    public required KeyUse Use { get; init; }

    /// <summary>When it becomes the active key of its use.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    public required byte[] Wrapped { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<StoredKey>
    {
        public void Configure(EntityTypeBuilder<StoredKey> builder)
        {
            builder.ToTable("Keys").HasKey(key => key.Kid);
            builder.Property(key => key.Kid).HasMaxLength(64);
            builder.Property(key => key.Use).HasConversion<string>().HasMaxLength(20);
        }
    }
}
