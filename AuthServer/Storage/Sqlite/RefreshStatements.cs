using McpAspire.AuthServer.Tokens.Refreshing;
using Microsoft.Data.Sqlite;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>The statements of <see cref="SqliteRefreshWriter"/>, compiled once for their connection. One transaction at a time.</summary>
internal sealed class RefreshStatements : IDisposable
{
    /// <summary>The use of a session and of a grant is written down at most this often.</summary>
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _redeem;
    private readonly SqliteCommand _useSession;
    private readonly SqliteCommand _useGrant;
    private readonly SqliteCommand _add;

    internal RefreshStatements(SqliteDatabase database)
    {
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
    }

    /// <summary>Writes them in one transaction.</summary>
    /// <returns>Which of them were written.</returns>
    /// <exception cref="SqliteException">None was. The statements can't be used any more.</exception>
    internal bool[] WriteAll(IReadOnlyList<Refresh> refreshes)
    {
        _begin.ExecuteNonQuery();
        var written = refreshes.Select(Write).ToArray();
        _commit.ExecuteNonQuery();
        return written;
    }

    /// <summary>A transaction that is under way ends with its connection.</summary>
    public void Dispose()
    {
        foreach (var command in new[] { _begin, _commit, _redeem, _useSession, _useGrant, _add })
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private bool Write(Refresh refresh)
    {
        var now = refresh.Now.UtcDateTime;
        if (Run(_redeem, now, Guid.NewGuid().ToString(), refresh.TokenId, refresh.AccountId, refresh.Sid, refresh.GrantId) != 1)
        {
            return false;
        }

        Run(_useSession, now, refresh.Sid, now - UseInterval);
        Run(_useGrant, now, refresh.GrantId, now - UseInterval);
        Run(_add, refresh.New.Id, refresh.New.Client, Guid.NewGuid().ToString(), refresh.New.CreatedAt, refresh.New.ExpiresAt, refresh.AccountId);
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
