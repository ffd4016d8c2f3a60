using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Gives a new refresh token its id, whose row <see cref="KeepNewRefreshToken"/> writes: OpenIddict would write it before
/// it is known whether anything is redeemed.
/// </summary>
internal sealed class NewRefreshToken(Redeeming redeeming, IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<GenerateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<GenerateTokenContext>()
            .UseScopedHandler<NewRefreshToken>()
            .SetOrder(OpenIddictServerHandlers.Protection.CreateTokenEntry.Descriptor.Order - 100)
            .Build();

    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (context.TokenType != TokenTypeIdentifiers.RefreshToken)
        {
            return;
        }

        var client = (await clients.FindByClientIdAsync(context.ClientId!, context.CancellationToken))!;
        redeeming.NewRefreshToken = new NewTokenRow(
            Guid.NewGuid().ToString(),
            (await clients.GetIdAsync(client, context.CancellationToken))!,
            context.Principal.GetClaim(Claims.Subject)!,
            context.Principal.GetCreationDate()!.Value.UtcDateTime,
            context.Principal.GetExpirationDate()!.Value.UtcDateTime);
        context.Principal.SetTokenId(redeeming.NewRefreshToken.Id);
        context.CreateTokenEntry = false;
    }
}

/// <summary>The row of a refresh token that a request makes.</summary>
internal sealed record NewTokenRow(string Id, string Client, string Subject, DateTime CreatedAt, DateTime ExpiresAt);

/// <summary>Writes the new refresh token of a code down, in the transaction in which that was redeemed. A refresh is written whole (<see cref="Refreshing.IRefreshWriter"/>).</summary>
internal sealed class KeepNewRefreshToken(AuthDbContext database, Redeeming redeeming) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseScopedHandler<KeepNewRefreshToken>()
            .SetOrder(RedeemOnce.Descriptor.Order + 100)
            .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (redeeming.NewRefreshToken is { } row && !context.Request.IsRefreshTokenGrantType())
        {
            await database.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "ConcurrencyToken", "CreationDate", "ExpirationDate", "Status", "Subject", "Type")
                VALUES ({row.Id}, {row.Client}, {Guid.NewGuid().ToString()}, {row.CreatedAt}, {row.ExpiresAt}, {Statuses.Valid}, {row.Subject}, {TokenTypeIdentifiers.RefreshToken})
                """,
                CancellationToken.None);
        }
    }
}
