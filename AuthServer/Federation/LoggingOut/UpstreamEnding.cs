using McpAspire.AuthServer.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.Federation.LoggingOut;

/// <summary>
/// A session that a provider ended lately. A sign-in whose code was redeemed before that, and whose session is not
/// written yet, must not outlive it.
/// </summary>
internal sealed class UpstreamEnding
{
    /// <summary>Longer than any way from a redeemed code to the session's row.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>The provider's key.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's session.</summary>
    public required string Sid { get; init; }

    public required DateTimeOffset EndedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<UpstreamEnding>
    {
        public void Configure(EntityTypeBuilder<UpstreamEnding> builder)
        {
            builder.ToTable("UpstreamEndings").HasKey(ending => new { ending.Provider, ending.Sid });
            builder.Property(ending => ending.Provider).HasMaxLength(Link.ProviderLength);
            builder.Property(ending => ending.Sid).HasMaxLength(Link.SubjectLength);
        }
    }
}
