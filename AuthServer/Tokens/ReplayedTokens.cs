using System.Security.Claims;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// What a second use means. A code used twice ends the tokens it gave (RFC 6749 §4.1.2); a refresh token used again
/// ends its grant (RFC 9700 §4.14.2), but not within 10 seconds, when a client may have lost the answer or raced itself.
/// </summary>
internal sealed class ReplayedTokens(EndingActs endings, TimeProvider time, AuditLog audit)
{
    internal static readonly TimeSpan Leeway = TimeSpan.FromSeconds(10);

    /// <param name="presented">What was presented again.</param>
    /// <param name="clientId">Who presented it.</param>
    /// <param name="redeemedAt">When it was redeemed.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    internal async Task JudgeAsync(ClaimsPrincipal presented, string? clientId, DateTime? redeemedAt, CancellationToken cancellationToken)
    {
        // A stored request stands for no grant yet.
        if (presented.GetClaim(TokenPrincipal.GrantId) is not { } grantId)
        {
            return;
        }

        var isCode = presented.HasTokenType(TokenTypeIdentifiers.Private.AuthorizationCode);
        var ends = isCode || time.GetUtcNow().UtcDateTime - redeemedAt > Leeway;
        audit.Replay(isCode ? "code" : "refresh token", clientId, grantId, ends);
        if (ends)
        {
            // The row is there: it came in one transaction with the redeeming.
            await endings.EndGrantAsync(grantId, EndReason.Replay, cancellationToken);
        }
    }
}
