using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Redemption;

/// <summary>The refresh token that a request makes, if it makes one, until its row is written.</summary>
internal sealed class NewRefreshToken
{
    internal NewTokenRow? Row { get; set; }
}

/// <summary>The row of a new refresh token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ApplicationId">The id of the client's row.</param>
/// <param name="Subject">The account.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record NewTokenRow(string Id, string ApplicationId, string Subject, DateTime CreatedAt, DateTime ExpiresAt)
{
    internal Task<int> InsertAsync(AuthDbContext database) => database.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "ConcurrencyToken", "CreationDate", "ExpirationDate", "Status", "Subject", "Type")
        VALUES ({Id}, {ApplicationId}, {Guid.NewGuid().ToString()}, {CreatedAt}, {ExpiresAt}, {Statuses.Valid}, {Subject}, {TokenTypeIdentifiers.RefreshToken})
        """,
        CancellationToken.None);
}

/// <summary>
/// Gives a new refresh token its id. Its row is written with what is redeemed for it; OpenIddict would write it before it
/// is known whether anything is.
/// </summary>
internal sealed class NameNewRefreshToken(NewRefreshToken made, IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<GenerateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<GenerateTokenContext, NameNewRefreshToken>(OpenIddictServerHandlers.Protection.CreateTokenEntry.Descriptor.Order - 100);

    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (context.TokenType != TokenTypeIdentifiers.RefreshToken)
        {
            return;
        }

        var client = (await clients.FindByClientIdAsync(context.ClientId!, context.CancellationToken))!;
        made.Row = new NewTokenRow(
            Guid.NewGuid().ToString(),
            (await clients.GetIdAsync(client, context.CancellationToken))!,
            context.Principal.GetClaim(Claims.Subject)!,
            context.Principal.GetCreationDate()!.Value.UtcDateTime,
            context.Principal.GetExpirationDate()!.Value.UtcDateTime);
        context.Principal.SetTokenId(made.Row.Id);
        context.CreateTokenEntry = false;
    }
}

/// <summary>
/// Writes the refresh token of a code down, in the transaction in which the code was redeemed. That of a refresh is
/// written with the refresh (<see cref="IRefreshWriter"/>).
/// </summary>
internal sealed class KeepNewRefreshToken(AuthDbContext database, NewRefreshToken made) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, KeepNewRefreshToken>(RedeemOnce.Descriptor.Order + 100);

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (made.Row is { } row && !context.Request.IsRefreshTokenGrantType())
        {
            await row.InsertAsync(database);
        }
    }
}
