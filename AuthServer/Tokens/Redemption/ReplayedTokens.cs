using System.Security.Claims;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Tokens.Redemption;

/// <summary>
/// What a second use means. A code used twice ends the tokens it gave (RFC 6749 §4.1.2); a refresh token used again
/// ends its grant (RFC 9700 §4.14.2), but not within 10 seconds, when <see cref="Retrying.SameAnswer"/> has its say.
/// </summary>
internal sealed class ReplayedTokens(EndingActs endings, TimeProvider time, AuditLog audit)
{
    internal static readonly TimeSpan Leeway = TimeSpan.FromSeconds(10);

    /// <summary>True where it was redeemed so lately that a second use of a refresh token ends nothing.</summary>
    internal bool IsRecent(DateTime? redeemedAt) => time.GetUtcNow().UtcDateTime - redeemedAt <= Leeway;

    /// <summary>Ends what a token stands for that was used twice.</summary>
    /// <param name="presented">What was presented again.</param>
    /// <param name="clientId">Who presented it.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    internal async Task EndAsync(ClaimsPrincipal presented, string? clientId, CancellationToken cancellationToken)
    {
        // A stored request stands for no grant yet.
        if (presented.GetClaim(TokenPrincipal.GrantId) is not { } grantId)
        {
            return;
        }

        audit.Replay(presented.HasTokenType(TokenTypeIdentifiers.Private.AuthorizationCode) ? "code" : "refresh token", clientId, grantId, ends: true);
        // The row is there: it came in one transaction with the redeeming.
        await endings.EndGrantAsync(grantId, EndReason.Replay, cancellationToken);
    }
}
