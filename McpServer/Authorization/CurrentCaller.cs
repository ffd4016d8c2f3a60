using System.Collections.Frozen;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>Who makes the current call, as the validated access token says. Tools and endpoints simply take it.</summary>
internal sealed class CurrentCaller
{
    /// <summary>Reads a validated access token (RFC 9068 §2.2).</summary>
    /// <param name="token">The token.</param>
    public CurrentCaller(JsonWebToken token)
    {
        Issuer = token.Issuer;
        Subject = token.Subject;
        ClientId = token.GetClaim("client_id").Value;
        Name = token.TryGetClaim("name", out var name) ? name.Value : null;
        Scopes = token.Claims.Where(static claim => claim.Type == "scope")
            .SelectMany(static claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToFrozenSet(StringComparer.Ordinal);
        GrantId = token.TryGetClaim("grant_id", out var grant) ? grant.Value : null;
        SessionId = token.TryGetClaim("sid", out var session) ? session.Value : null;
        IssuedAt = new DateTimeOffset(token.IssuedAt, TimeSpan.Zero);
        ExpiresAt = new DateTimeOffset(token.ValidTo, TimeSpan.Zero);
    }

    /// <summary>The authorization server that vouches for the subject.</summary>
    public string Issuer { get; }

    /// <summary>The subject: unique at its issuer, for good.</summary>
    public string Subject { get; }

    /// <summary>The client that calls.</summary>
    public string ClientId { get; }

    /// <summary>The person's name, where the token has it.</summary>
    public string? Name { get; }

    /// <summary>What to call the caller: the name, or the subject where there is none.</summary>
    public string DisplayName => Name ?? Subject;

    /// <summary>The granted scopes.</summary>
    public IReadOnlySet<string> Scopes { get; }

    /// <summary>The authorization that the token came from, where its issuer says so.</summary>
    public string? GrantId { get; }

    /// <summary>The session at the issuer that the token is bound to, where it is.</summary>
    public string? SessionId { get; }

    /// <summary>When the token was issued; whole seconds.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>When the token expires.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>True where the token names every one of <paramref name="scopes"/>.</summary>
    /// <param name="scopes">What a call needs.</param>
    public bool HasAll(IReadOnlyList<string> scopes)
    {
        foreach (var scope in scopes)
        {
            if (!Scopes.Contains(scope))
            {
                return false;
            }
        }

        return true;
    }
}
