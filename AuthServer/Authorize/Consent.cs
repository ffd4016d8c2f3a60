using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.Authorize;

/// <summary>A consent that is remembered: what a person was asked for by a client, and what they gave.</summary>
internal sealed class Consent
{
    public required string AccountId { get; init; }

    public required string ClientId { get; init; }

    /// <summary>The host of the redirect URI it was given for.</summary>
    public required string RedirectHost { get; init; }

    public required string Resource { get; init; }

    /// <summary>The scopes that were asked for, separated by spaces.</summary>
    public required string Asked { get; set; }

    /// <summary>The scopes that were given, separated by spaces.</summary>
    public required string Given { get; set; }

    /// <summary>The digest of the client's redirect URIs and keys as they were then: a client that changed is asked about anew.</summary>
    public string ClientDigest { get; set; } = string.Empty;

    public required DateTimeOffset ExpiresAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Consent>
    {
        public void Configure(EntityTypeBuilder<Consent> builder)
        {
            builder.ToTable("Consents").HasKey(consent => new { consent.AccountId, consent.ClientId, consent.RedirectHost, consent.Resource });
            builder.Property(consent => consent.AccountId).HasMaxLength(50);
            builder.Property(consent => consent.ClientId).HasMaxLength(Storage.AuthDbContext.ClientIdLength);
            builder.Property(consent => consent.RedirectHost).HasMaxLength(256);
            builder.Property(consent => consent.Resource).HasMaxLength(450);
            builder.Property(consent => consent.ClientDigest).HasMaxLength(64);
        }
    }
}
