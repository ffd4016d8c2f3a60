using System.Text.Json;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>What a provider says of the person who signed in there.</summary>
internal sealed record UpstreamIdentity
{
    private const int LongestText = 256;

    /// <summary><c>sub</c> there: the only thing that says who it is.</summary>
    public required string Subject { get; init; }

    /// <summary>Null where it gives none.</summary>
    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? UserName { get; init; }

    /// <summary>Null where it says nothing of roles.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>The session there.</summary>
    public string? Sid { get; init; }

    /// <summary>When the person last proved who they are there (<c>auth_time</c>).</summary>
    public DateTimeOffset? AuthenticatedAt { get; init; }

    /// <summary>The refresh token, where it gave one.</summary>
    public string? RefreshToken { get; init; }

    /// <param name="provider">The provider.</param>
    /// <param name="subject">Who it is.</param>
    /// <param name="claims">Where the claims are, the more trusted first.</param>
    /// <exception cref="ProviderException">The subject is missing or too long.</exception>
    internal static UpstreamIdentity From(Provider provider, string? subject, params IReadOnlyList<JsonElement> claims)
    {
        if (string.IsNullOrEmpty(subject) || subject.Length > Link.SubjectLength)
        {
            throw new ProviderException(ProviderFault.Untrustworthy, $"{provider.Name} gave no sub, or one of more than {Link.SubjectLength} characters.");
        }

        var read = new ClaimReader(claims);
        var userName = Cut(read.Text(provider.ClaimMap.UserName));
        var email = read.IsFalse("email_verified") ? null : Cut(read.Text(provider.ClaimMap.Email));
        return new UpstreamIdentity
        {
            Subject = subject,
            Name = Cut(read.Text(provider.ClaimMap.Name)) ?? userName ?? email,
            Email = email,
            UserName = userName,
            Roles = read.List(provider.ClaimMap.Roles) is { } roles ? UpstreamRoles.Take(provider, roles) : null,
            Sid = read.Text("sid") is { Length: <= Link.SubjectLength } sid ? sid : null,
            AuthenticatedAt = read.Time("auth_time"),
        };
    }

    private static string? Cut(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : ShortText.Of(text, LongestText);
}
