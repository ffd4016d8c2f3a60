using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.SignOut;

/// <summary>Whom a notice is for.</summary>
internal enum NoticeKind
{
    /// <summary>A client with a <c>backchannel_logout_uri</c>: gets a logout token (OpenID Connect Back-Channel Logout §2.4).</summary>
    Client,

    /// <summary>An identity provider: its session is ended with the refresh token that it gave us.</summary>
    Provider,

    /// <summary>An identity provider: a refresh token that it gave us is revoked (RFC 7009), since nothing needs it any more.</summary>
    ProviderToken,
}

/// <summary>
/// Someone else who must learn that a session ended, or a provider that must forget a token, in an outbox: written in one
/// transaction with the act, delivered after it, tried again while the other side does not answer.
/// </summary>
internal sealed class LogoutNotice
{
    public required string Id { get; init; }

    public required NoticeKind Kind { get; init; }

    /// <summary>The client's id, or the provider's key.</summary>
    public required string Target { get; init; }

    /// <summary>The person, as the client knows them.</summary>
    public required string AccountId { get; init; }

    /// <summary>The session that ended; null where a client without one must forget the person.</summary>
    public string? SessionId { get; init; }

    /// <summary>For a provider: its refresh token, wrapped as it was in its row.</summary>
    public byte[]? Token { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset NextAttemptAt { get; set; }

    public int Attempts { get; set; }

    internal static LogoutNotice New(NoticeKind kind, string target, string accountId, string? sessionId, byte[]? token, DateTimeOffset now) => new()
    {
        Id = SignIn.RandomId.New(),
        Kind = kind,
        Target = target,
        AccountId = accountId,
        SessionId = sessionId,
        Token = token,
        CreatedAt = now,
        NextAttemptAt = now,
    };

    internal sealed class Configuration : IEntityTypeConfiguration<LogoutNotice>
    {
        public void Configure(EntityTypeBuilder<LogoutNotice> builder)
        {
            builder.ToTable("LogoutNotices").HasKey(notice => notice.Id);
            builder.Property(notice => notice.Id).HasMaxLength(50);
            builder.Property(notice => notice.Kind).HasConversion<string>().HasMaxLength(20);
            builder.Property(notice => notice.Target).HasMaxLength(Storage.AuthDbContext.ClientIdLength);
            builder.Property(notice => notice.AccountId).HasMaxLength(50);
            builder.Property(notice => notice.SessionId).HasMaxLength(50);
            builder.HasIndex(notice => notice.NextAttemptAt);
        }
    }
}
