using System.Security.Claims;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tokens.Redemption;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Tokens.Liveness;

/// <summary>What the tokens of this request hang on, read once. What is written looks again (<see cref="RedeemOnce"/>, <see cref="IRefreshWriter"/>).</summary>
internal sealed class Standings(AuthDbContext database, StandingQuery query)
{
    private readonly Dictionary<string, Standing?> _known = [];

    /// <summary>What a code or token with a row hangs on; null where the row is gone.</summary>
    internal async Task<Standing?> OfAsync(ClaimsPrincipal presented)
    {
        var id = presented.GetTokenId()!;
        if (!_known.TryGetValue(id, out var standing))
        {
            _known[id] = standing = await query.AskAsync(
                database, id, presented.GetClaim(Claims.Subject), presented.GetClaim(TokenPrincipal.GrantId), presented.GetClaim(TokenPrincipal.Sid));
        }

        return standing;
    }

    /// <summary>Makes the next one who asks read again, since something has changed.</summary>
    internal void Forget() => _known.Clear();
}
