using McpAspire.AuthServer.Tokens.Redemption;
using Microsoft.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Storage.Postgres;

/// <summary>
/// Writes a refresh in a transaction. What is looked at is so by one command. Each look is an UPDATE, which locks the row: an act that comes now
/// waits, and then ends what this request made. The order is that of all who write to these tables.
/// </summary>
internal sealed class PostgresRefreshWriter(AuthDbContext database, TimeProvider time) : IRefreshWriter
{
    // A row of no id is nobody's.
    private const string None = "";

    public async Task<bool> WriteAsync(Refresh refresh)
    {
        await using var transaction = await database.BeginAsync(CancellationToken.None);
        var now = time.GetUtcNow().UtcDateTime;
        var rows = await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE "OpenIddictTokens" SET "Status" = {Statuses.Redeemed}, "RedemptionDate" = {now}, "ConcurrencyToken" = {Guid.NewGuid().ToString()}
            WHERE "Id" = {refresh.TokenId} AND "Status" = {Statuses.Valid};
            UPDATE "Accounts" SET "DisabledAt" = NULL WHERE "Id" = {refresh.AccountId} AND "DisabledAt" IS NULL;
            UPDATE "Sessions" SET "LastUsedAt" = {now} WHERE "Id" = {refresh.Sid ?? None} AND "EndedAt" IS NULL;
            UPDATE "Grants" SET "LastUsedAt" = {now} WHERE "Id" = {refresh.GrantId} AND "EndedAt" IS NULL
            """,
            CancellationToken.None);
        if (rows != (refresh.Sid is null ? 3 : 4))
        {
            return false;
        }

        await refresh.New.InsertAsync(database);
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }
}
