using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.SignIn;

/// <summary>The session at an identity provider that a session here hangs on.</summary>
internal sealed class UpstreamSession
{
    /// <summary>The provider's key in the settings.</summary>
    public required string Provider { get; set; }

    /// <summary>The person's <c>sub</c> there.</summary>
    public required string Subject { get; set; }

    /// <summary>The provider's <c>sid</c>, which its back-channel logout names.</summary>
    public string? Sid { get; set; }

    /// <summary>The provider's refresh token of this session, wrapped; null where it gives none.</summary>
    public byte[]? Token { get; set; }

    /// <summary>When the provider was last asked whether the session lives; at most one request asks at a time.</summary>
    public DateTimeOffset AskedAt { get; set; }

    /// <summary>When the provider last said that it lives.</summary>
    public DateTimeOffset ConfirmedAt { get; set; }

    /// <summary>When the first question was asked that the provider has not answered yet; null while it answers.</summary>
    public DateTimeOffset? SilentSince { get; set; }

    /// <summary>True where both are known to be one session of one provider.</summary>
    internal bool IsSameAs(UpstreamSession? other) => other is not null && Sid is not null && (Provider, Sid) == (other.Provider, other.Sid);

    internal static void Configure<TOwner>(OwnedNavigationBuilder<TOwner, UpstreamSession> builder) where TOwner : class
    {
        builder.Property(upstream => upstream.Provider).HasMaxLength(Link.ProviderLength);
        builder.Property(upstream => upstream.Subject).HasMaxLength(Link.SubjectLength);
        builder.Property(upstream => upstream.Sid).HasMaxLength(Link.SubjectLength);
        builder.HasIndex(upstream => new { upstream.Provider, upstream.Subject });
    }
}
