using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.Grants;

/// <summary>Why a grant ended.</summary>
internal enum EndReason
{
    /// <summary>Its client revoked a token of it (RFC 7009).</summary>
    Revoked,

    /// <summary>A code or refresh token of it was used twice.</summary>
    Replay,

    /// <summary>The session it was bound to ended.</summary>
    SessionEnded,
}

/// <summary>One finished authorization of a client for a resource. The id is <c>grant_id</c>.</summary>
internal sealed class Grant
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    public required string ClientId { get; init; }

    public required string Resource { get; init; }

    /// <summary>The session that it lives and dies with; null where it stands alone (<c>offline_access</c>).</summary>
    public required string? SessionId { get; init; }

    /// <summary>The session in which it was given: a step-up from there widens it.</summary>
    public required string GivenInSession { get; init; }

    /// <summary>All scopes that were consented to, separated by spaces.</summary>
    public required string Scopes { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the person last acted for it: refresh tokens reach 90 days from here at most.</summary>
    public required DateTimeOffset AuthorizedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public EndReason? EndReason { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Grant>
    {
        public void Configure(EntityTypeBuilder<Grant> builder)
        {
            builder.ToTable("Grants").HasKey(grant => grant.Id);
            builder.Property(grant => grant.Id).HasMaxLength(50);
            builder.Property(grant => grant.AccountId).HasMaxLength(50);
            builder.Property(grant => grant.ClientId).HasMaxLength(Storage.AuthDbContext.ClientIdLength);
            builder.Property(grant => grant.EndReason).HasConversion<string>().HasMaxLength(20);
            builder.HasIndex(grant => grant.SessionId);
            builder.HasIndex(grant => new { grant.AccountId, grant.ClientId });
        }
    }
}
