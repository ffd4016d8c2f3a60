using McpAspire.AuthServer.Tokens.Refreshing;
using Microsoft.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Storage.Postgres;

/// <summary>
/// Writes a refresh by one command in a transaction. Each look is an UPDATE, which locks the row: an act that comes now
/// waits, and then ends what this request made. The order is that of all who write to these tables.
/// </summary>
internal sealed class PostgresRefreshWriter(AuthDbContext database) : IRefreshWriter
{
    // A row of no id is nobody's.
    private const string None = "";

    public async Task<bool> WriteAsync(Refresh refresh)
    {
        var now = refresh.Now.UtcDateTime;
        await using var transaction = await database.BeginAsync(CancellationToken.None);
        var rows = await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE "OpenIddictTokens" SET "Status" = {Statuses.Redeemed}, "RedemptionDate" = {now}, "ConcurrencyToken" = {Guid.NewGuid().ToString()}
            WHERE "Id" = {refresh.TokenId} AND "Status" = {Statuses.Valid};
            UPDATE "Accounts" SET "DisabledAt" = NULL WHERE "Id" = {refresh.AccountId} AND "DisabledAt" IS NULL;
            UPDATE "Sessions" SET "LastUsedAt" = {now} WHERE "Id" = {refresh.Sid ?? None} AND "EndedAt" IS NULL;
            UPDATE "Grants" SET "LastUsedAt" = {now} WHERE "Id" = {refresh.GrantId} AND "EndedAt" IS NULL;
            INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "ConcurrencyToken", "CreationDate", "ExpirationDate", "Status", "Subject", "Type")
            VALUES ({refresh.New.Id}, {refresh.New.Client}, {Guid.NewGuid().ToString()}, {refresh.New.CreatedAt}, {refresh.New.ExpiresAt}, {Statuses.Valid},
                {refresh.AccountId}, {TokenTypeIdentifiers.RefreshToken})
            """,
            CancellationToken.None);
        if (rows != (refresh.Sid is null ? 4 : 5))
        {
            return false;
        }

        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }
}
