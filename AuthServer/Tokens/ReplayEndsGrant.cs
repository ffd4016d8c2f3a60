using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Takes the place of OpenIddict's check of a token's row. A code used twice ends the tokens it gave (RFC 6749
/// §4.1.2); a refresh token used again ends its grant (RFC 9700 §4.14.2), but not within 10 seconds, when a client may
/// have lost the answer or raced itself.
/// </summary>
internal sealed class ReplayEndsGrant(AuthDbContext database, GrantStore grants, TimeProvider time, AuditLog audit)
    : IOpenIddictServerHandler<ValidateTokenContext>
{
    internal static readonly TimeSpan Leeway = TimeSpan.FromSeconds(10);

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireTokenIdResolved>()
            .UseScopedHandler<ReplayEndsGrant>()
            .SetOrder(OpenIddictServerHandlers.Protection.ValidateTokenEntry.Descriptor.Order)
            .Build();

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        var row = await database.Tokens.AsNoTracking()
            .Where(token => token.Id == context.TokenId)
            .Select(token => new { token.Status, token.RedemptionDate })
            .FirstOrDefaultAsync(context.CancellationToken);
        if (row?.Status == Statuses.Valid || context.EndpointType == OpenIddictServerEndpointType.Revocation)
        {
            return;
        }

        if (row?.Status == Statuses.Redeemed)
        {
            await JudgeAsync(context, row.RedemptionDate);
        }

        context.Reject(Errors.InvalidToken, "It was used or revoked before. The person must authorize the application again.");
    }

    private async Task JudgeAsync(ValidateTokenContext context, DateTime? redeemedAt)
    {
        var principal = context.Principal!;
        if (principal.GetClaim(TokenPrincipal.GrantId) is not { } grantId)
        {
            return;
        }

        var isCode = principal.HasTokenType(TokenTypeIdentifiers.Private.AuthorizationCode);
        var ends = isCode || time.GetUtcNow().UtcDateTime - redeemedAt > Leeway;
        audit.Replay(isCode ? "code" : "refresh token", context.Request?.ClientId, grantId, ends);
        if (ends)
        {
            await grants.EndAsync(grantId, EndReason.Replay, context.CancellationToken);
        }
    }
}
