using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// When a client that nobody configured came and was used. Such rows are made by strangers, so they are counted, and go
/// when nobody uses them.
/// </summary>
internal sealed class StrangerClient
{
    public required string ClientId { get; init; }

    /// <summary>Where it comes from: its metadata document, or dynamic registration.</summary>
    public required ClientSource Source { get; init; }

    /// <summary>
    /// The digest of what a public client registered, so that the same registration again gets the same id; null for
    /// every other client.
    /// </summary>
    public string? Digest { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a person last allowed it, or it last got tokens; null where neither ever happened.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<StrangerClient>
    {
        public void Configure(EntityTypeBuilder<StrangerClient> builder)
        {
            builder.ToTable("StrangerClients").HasKey(client => client.ClientId);
            builder.Property(client => client.ClientId).HasMaxLength(Storage.AuthDbContext.ClientIdLength);
            builder.Property(client => client.Source).HasConversion<string>().HasMaxLength(20);
            builder.Property(client => client.Digest).HasMaxLength(64);
            builder.HasIndex(client => client.Digest).IsUnique();
            builder.HasIndex(client => client.LastUsedAt);
        }
    }
}
