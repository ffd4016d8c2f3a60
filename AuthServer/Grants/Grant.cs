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

    /// <summary>The person removed the application.</summary>
    ApplicationRemoved,

    /// <summary>The person signed out everywhere.</summary>
    SignedOutEverywhere,

    /// <summary>An operator disabled the account.</summary>
    AccountDisabled,

    /// <summary>The identity provider says that the person's authorization there has ended.</summary>
    UpstreamEnded,

    /// <summary>The person changed their password, in another session than the one in which it was given.</summary>
    PasswordChanged,

    /// <summary>The person unlinked the provider on which it hung.</summary>
    Unlinked,
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

    /// <summary>The session in which it was given: a step-up from there widens it. Empty where the person's provider granted it.</summary>
    public required string GivenInSession { get; init; }

    /// <summary>All scopes that were consented to, separated by spaces.</summary>
    public required string Scopes { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the person last acted for it: refresh tokens reach 90 days from here at most.</summary>
    public required DateTimeOffset AuthorizedAt { get; set; }

    /// <summary>When tokens were last made for it.</summary>
    public required DateTimeOffset LastUsedAt { get; set; }

    /// <summary>Where it stands alone: the provider (and the person's <c>sub</c> there) whose link it hangs on; null for an account of ours.</summary>
    public string? Provider { get; init; }

    /// <summary>See <see cref="Provider"/>.</summary>
    public string? UpstreamSubject { get; init; }

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
            builder.Property(grant => grant.Provider).HasMaxLength(SignIn.Link.ProviderLength);
            builder.Property(grant => grant.UpstreamSubject).HasMaxLength(SignIn.Link.SubjectLength);
            builder.Property(grant => grant.EndReason).HasConversion<string>().HasMaxLength(20);
            builder.HasIndex(grant => grant.SessionId);
            builder.HasIndex(grant => new { grant.AccountId, grant.ClientId });
        }
    }
}
