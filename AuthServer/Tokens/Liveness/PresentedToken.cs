using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Liveness;

/// <summary>
/// Takes the place of OpenIddict's look at a token's row: one read gives the row and what it hangs on
/// (<see cref="Standings"/>), where OpenIddict would read the row with its client and leave the rest to us.
/// </summary>
internal sealed class PresentedToken(Standings standings) : IOpenIddictServerHandler<ValidateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ValidateTokenContext, PresentedToken>(OpenIddictServerHandlers.Protection.RestoreTokenEntryProperties.Descriptor.Order);

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        // An access token, an ID token and what a client or a provider signed have no row.
        if (context.Principal?.GetTokenId() is not { Length: > 0 } id
            || (context.ValidTokenTypes.Count == 1 && context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion)))
        {
            return;
        }

        // What only a row says can't be presented as a token of its own.
        if (await standings.OfAsync(context.Principal) is not { Token: var row } || (row.IsReference && !context.IsReferenceToken))
        {
            context.Reject(Errors.InvalidToken, "It is not known, or was removed since it expired. The person must authorize the application again.");
            return;
        }

        context.TokenId = id;
        context.Principal
            .SetCreationDate(row.CreatedAt is { } created ? new DateTimeOffset(DateTime.SpecifyKind(created, DateTimeKind.Utc)) : null)
            .SetExpirationDate(row.ExpiresAt is { } expires ? new DateTimeOffset(DateTime.SpecifyKind(expires, DateTimeKind.Utc)) : null)
            .SetTokenType(row.Type);
    }
}
