using McpAspire.ServiceDefaults.Revocation;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.Revocation;

/// <summary>
/// A revocation entry in the outbox: written in one transaction with the act, told to resource servers after it, kept
/// for as long as it matters, so that a Redis that lost its data can be filled again.
/// </summary>
internal sealed class StoredRevocation
{
    public long Id { get; init; }

    /// <summary><see cref="RevocationEntry.Member"/>.</summary>
    public required string Member { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was written to Redis and told; null until then.</summary>
    public DateTimeOffset? ToldAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<StoredRevocation>
    {
        public void Configure(EntityTypeBuilder<StoredRevocation> builder)
        {
            builder.ToTable("Revocations").HasKey(entry => entry.Id);
            builder.Property(entry => entry.Member).HasMaxLength(200);
            builder.HasIndex(entry => entry.ToldAt);
            builder.HasIndex(entry => entry.ExpiresAt);
        }
    }
}
