using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.SignIn;

/// <summary>
/// Says which account a person at an identity provider is here. A link is made by the first sign-in, for a new account,
/// or by the signed-in person; never by e-mail.
/// </summary>
internal sealed class Link
{
    internal const int ProviderLength = 50;
    internal const int SubjectLength = 255;

    /// <summary>The provider's key in the settings.</summary>
    public required string Provider { get; init; }

    /// <summary>The person's <c>sub</c> there.</summary>
    public required string Subject { get; init; }

    public required string AccountId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastSignInAt { get; set; }

    /// <summary>The provider's offline token, wrapped, on which standalone grants hang; null where there is none.</summary>
    public byte[]? OfflineToken { get; set; }

    /// <summary>When the provider was last asked with it; at most one request asks at a time.</summary>
    public DateTimeOffset? AskedAt { get; set; }

    /// <summary>When the first question was asked that the provider has not answered yet; null while it answers.</summary>
    public DateTimeOffset? SilentSince { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Link>
    {
        public void Configure(EntityTypeBuilder<Link> builder)
        {
            builder.ToTable("Links").HasKey(link => new { link.Provider, link.Subject });
            builder.Property(link => link.Provider).HasMaxLength(ProviderLength);
            builder.Property(link => link.Subject).HasMaxLength(SubjectLength);
            builder.Property(link => link.AccountId).HasMaxLength(50);
            builder.HasIndex(link => link.AccountId);
        }
    }
}
