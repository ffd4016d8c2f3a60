using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tokens.Redemption;
using Microsoft.Data.Sqlite;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>The statements of <see cref="SqliteRefreshWriter"/>, compiled once for their connection. One transaction at a time.</summary>
internal sealed class RefreshStatements : IDisposable
{
    private readonly TimeProvider _time;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _redeem;
    private readonly SqliteCommand _useSession;
    private readonly SqliteCommand _useGrant;
    private readonly SqliteCommand _add;
    private readonly SqliteCommand _isThere;

    internal RefreshStatements(SqliteDatabase database, TimeProvider time)
    {
        _time = time;
        _connection = database.Open(SqliteOpenMode.ReadWrite);
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        // Nobody else writes until the commit, so what stands now still stands then.
        _redeem = Command(
            $"""
            UPDATE "OpenIddictTokens" SET "Status" = '{Statuses.Redeemed}', "RedemptionDate" = $now, "ConcurrencyToken" = $version
            WHERE "Id" = $token AND "Status" = '{Statuses.Valid}'
              AND EXISTS (SELECT 1 FROM "Accounts" WHERE "Id" = $account AND "DisabledAt" IS NULL)
              AND ($sid IS NULL OR EXISTS (SELECT 1 FROM "Sessions" WHERE "Id" = $sid AND "EndedAt" IS NULL))
              AND EXISTS (SELECT 1 FROM "Grants" WHERE "Id" = $grant AND "EndedAt" IS NULL)
            """,
            "$now", "$version", "$token", "$account", "$sid", "$grant");
        _useSession = Command("""UPDATE "Sessions" SET "LastUsedAt" = $now WHERE "Id" = $id AND "LastUsedAt" < $earlier""", "$now", "$id", "$earlier");
        _useGrant = Command("""UPDATE "Grants" SET "LastUsedAt" = $now WHERE "Id" = $id AND "LastUsedAt" < $earlier""", "$now", "$id", "$earlier");
        _add = Command(
            $"""
            INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "ConcurrencyToken", "CreationDate", "ExpirationDate", "Status", "Subject", "Type")
            VALUES ($id, $client, $version, $created, $expires, '{Statuses.Valid}', $subject, '{TokenTypeIdentifiers.RefreshToken}')
            """,
            "$id", "$client", "$version", "$created", "$expires", "$subject");
        _isThere = Command("""SELECT count(*) FROM "OpenIddictTokens" WHERE "Id" = $id""", "$id");
    }

    /// <summary>Writes them in one transaction.</summary>
    /// <param name="refreshes">The refreshes.</param>
    /// <param name="again">True where they may have been written before.</param>
    /// <returns>Which of them were written.</returns>
    /// <exception cref="SqliteException">None was, unless it is the commit that failed. The statements can't be used any more.</exception>
    internal bool[] WriteAll(IReadOnlyList<Refresh> refreshes, bool again)
    {
        _begin.ExecuteNonQuery();
        // Now, not when they came: a retry counts from here.
        var now = _time.GetUtcNow().UtcDateTime;
        var written = refreshes.Select(refresh => (again && IsThere(refresh)) || Write(refresh, now)).ToArray();
        _commit.ExecuteNonQuery();
        return written;
    }

    /// <summary>A transaction that is under way ends with its connection.</summary>
    public void Dispose()
    {
        foreach (var command in new[] { _begin, _commit, _redeem, _useSession, _useGrant, _add, _isThere })
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private bool IsThere(Refresh refresh)
    {
        _isThere.Parameters[0].Value = refresh.New.Id;
        return _isThere.ExecuteScalar() is > 0L;
    }

    private bool Write(Refresh refresh, DateTime now)
    {
        if (Run(_redeem, now, Guid.NewGuid().ToString(), refresh.TokenId, refresh.AccountId, refresh.Sid, refresh.GrantId) != 1)
        {
            return false;
        }

        Run(_useSession, now, refresh.Sid, now - Sessions.UseInterval);
        Run(_useGrant, now, refresh.GrantId, now - Sessions.UseInterval);
        Run(_add, refresh.New.Id, refresh.New.ApplicationId, Guid.NewGuid().ToString(), refresh.New.CreatedAt, refresh.New.ExpiresAt, refresh.New.Subject);
        return true;
    }

    private static int Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of ours.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }
}
