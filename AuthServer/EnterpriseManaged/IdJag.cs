using McpAspire.AuthServer.Federation.Providers;

namespace McpAspire.AuthServer.EnterpriseManaged;

/// <summary>
/// An Identity Assertion JWT Authorization Grant (draft-ietf-oauth-identity-assertion-authz-grant §3): a provider lets a
/// client act for a person at a resource of ours.
/// </summary>
/// <param name="Provider">Who says so.</param>
/// <param name="Subject">The person's <c>sub</c> there, the same as when they sign in here.</param>
/// <param name="TokenId">Its <c>jti</c>.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
/// <param name="Resources">The resources that it is for; null where it leaves them to us.</param>
/// <param name="Scope">The scopes that it is for; null where it leaves them to us.</param>
/// <param name="AuthenticatedAt">When the person proved who they are (<c>auth_time</c>), if it says so.</param>
internal sealed record IdJag(
    Provider Provider, string Subject, string TokenId, DateTimeOffset ExpiresAt, IReadOnlyList<string>? Resources, string? Scope, DateTimeOffset? AuthenticatedAt)
{
    internal const string Type = "oauth-id-jag+jwt";
    internal const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    internal const string Profile = "urn:ietf:params:oauth:grant-profile:id-jag";
}
