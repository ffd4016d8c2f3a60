using System.Net;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Postgres;
using McpAspire.AuthServer.Storage.Sqlite;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>A token request that passed every look before an act committed must leave nothing alive after it.</summary>
public abstract class EndingRaces(Surroundings stack)
{
    [Theory]
    [InlineData("session", "mcp:tools")]
    [InlineData("session", "mcp:tools offline_access")]
    [InlineData("everything", "mcp:tools offline_access")]
    [InlineData("application", "mcp:tools")]
    public async Task A_code_whose_redeeming_is_under_way_gives_nothing(string act, string scope)
    {
        stack.SkipWhereMissing();
        var flow = stack.Flow();
        var code = await flow.CodeAsync(flow.Request(scope));
        var answer = await DuringAsync(act, () => flow.TokenAsync(flow.CodeRequest(code)));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (answer.Status, answer.Error));
        using var scopeOfServices = stack.Server.Scope();
        var database = scopeOfServices.ServiceProvider.GetRequiredService<AuthDbContext>();
        Assert.False(await database.Grants.AnyAsync(grant => grant.EndedAt == null, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("session", "mcp:tools")]
    [InlineData("everything", "mcp:tools offline_access")]
    [InlineData("application", "mcp:tools offline_access")]
    public async Task A_refresh_that_is_under_way_gives_nothing(string act, string scope)
    {
        stack.SkipWhereMissing();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request(scope));
        var answer = await DuringAsync(act, () => flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken)));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (answer.Status, answer.Error));
    }

    /// <summary>Holds the act before its commit until the request waits for it, and then lets both go on.</summary>
    private async Task<Answer> DuringAsync(string act, Func<Task<Answer>> request)
    {
        Session session;
        using (var scope = stack.Server.Scope())
        {
            session = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sessions.AsNoTracking()
                .SingleAsync(row => row.EndedAt == null, TestContext.Current.CancellationToken);
        }

        var pause = new PauseBeforeCommit();
        await using var process = new DyingProcess(stack.Server, pause);
        var acting = ActAsync(process.Acts, act, session);
        await pause.Reached;
        using var starts = new TransactionStarts();
        var answer = Task.Run(request);
        await Eventually.BeTrueAsync(() => Task.FromResult(IsWaiting(starts)), "the request waits for the act", cancellationToken: TestContext.Current.CancellationToken);
        pause.GoOn();
        await acting;
        var given = await answer;
        await using var cleaning = new DyingProcess(stack.Server);
        await cleaning.Acts.EndSessionAsync(session, EndReason.SessionEnded, TestContext.Current.CancellationToken);
        return given;
    }

    /// <summary>In SQLite it waits for its turn to write; in PostgreSQL, in its transaction, for a row.</summary>
    private bool IsWaiting(TransactionStarts starts) => PostgresConnection.IsOne(stack.Server.Database)
        ? starts.Count > 0
        : WriterTurn.Of(new SqliteConnectionStringBuilder(stack.Server.Database).DataSource).Waiting > 0;

    private Task ActAsync(EndingActs acts, string act, Session session) => act switch
    {
        "session" => acts.EndSessionAsync(session, EndReason.SessionEnded, TestContext.Current.CancellationToken),
        "everything" => acts.EndEverythingAsync(session.AccountId, EndReason.SignedOutEverywhere, TestContext.Current.CancellationToken),
        _ => acts.RemoveApplicationAsync(session.AccountId, stack.Client.Id, TestContext.Current.CancellationToken),
    };
}

public sealed class EndingRaceTests(Surroundings stack) : EndingRaces(stack), IClassFixture<Surroundings>;

public sealed class EndingRaceOnPostgresTests(PostgresSurroundings stack) : EndingRaces(stack), IClassFixture<PostgresSurroundings>;
