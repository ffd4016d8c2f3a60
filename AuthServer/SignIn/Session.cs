using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.SignIn;

/// <summary>A person signed in here in one browser. The id is <c>sid</c>.</summary>
internal sealed class Session
{
    /// <summary>Stands where a provider signed someone in without a question and did not say when they last proved who they are.</summary>
    internal static readonly DateTimeOffset NobodyKnows = DateTimeOffset.UnixEpoch;

    public required string Id { get; init; }

    /// <summary>
    /// The session's cookie must hold it (<see cref="SessionStamp"/>). It stands here as it is: cookies are encrypted with
    /// keys that are not in the database, so nobody makes one of what they read here.
    /// </summary>
    public string Stamp { get; set; } = string.Empty;

    public required string AccountId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the person last proved who they are: <c>auth_time</c>; or <see cref="NobodyKnows"/>.</summary>
    public required DateTimeOffset AuthenticatedAt { get; set; }

    public required DateTimeOffset LastUsedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>What the provider that signed the person in gave us; null where that was a password of ours.</summary>
    public UpstreamSession? Upstream { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Session>
    {
        public void Configure(EntityTypeBuilder<Session> builder)
        {
            builder.ToTable("Sessions").HasKey(session => session.Id);
            builder.Property(session => session.Id).HasMaxLength(50);
            builder.Property(session => session.Stamp).HasMaxLength(50);
            builder.Property(session => session.AccountId).HasMaxLength(50);
            builder.HasIndex(session => session.AccountId);
            builder.HasIndex(session => session.LastUsedAt);
            builder.OwnsOne(session => session.Upstream, UpstreamSession.Configure);
        }
    }
}
