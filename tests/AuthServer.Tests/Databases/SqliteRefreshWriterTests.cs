using System.Net;
using McpAspire.AuthServer.Storage.Sqlite;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>Refreshes that come together are written together, and each is judged by itself.</summary>
public sealed class SqliteRefreshWriterTests(Surroundings stack) : IClassFixture<Surroundings>, IDisposable
{
    private const int Clients = 6;

    private readonly Measures _measures = new(stack.Server);

    private WriterTurn Turn => WriterTurn.Of(new SqliteConnectionStringBuilder(stack.Server.Database).DataSource);

    public void Dispose() => _measures.Dispose();

    [Fact]
    public async Task They_share_one_commit()
    {
        SkipOnPostgres();
        var flow = stack.Flow();
        var answers = await TogetherAsync(flow, await ManyAsync(flow));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal([Clients], _measures.Of(RefreshMeasures.CommitSize));

        await flow.TokenAsync(Flow.RefreshRequest(answers[0].RefreshToken));
        Assert.Equal([Clients, 1], _measures.Of(RefreshMeasures.CommitSize));
    }

    [Fact]
    public async Task Each_gets_its_own_tokens_and_one_that_comes_twice_gets_the_same_answer()
    {
        SkipOnPostgres();
        var flow = stack.Flow();
        var tokens = await ManyAsync(flow);
        for (var round = 0; round < 3; round++)
        {
            var answers = await TogetherAsync(flow, tokens.Append(tokens[0]));
            Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Error)));
            Assert.Equal(answers[0].RefreshToken, answers[^1].RefreshToken);
            Assert.Equal(Clients, answers.DistinctBy(answer => answer.RefreshToken).Count());
            Assert.All(tokens.Zip(answers), pair => Assert.Equal(GrantOf(pair.First), GrantOf(pair.Second)));
            tokens = answers[..Clients];
        }
    }

    [Fact]
    public async Task One_that_can_not_be_written_spoils_no_other_and_is_not_redeemed()
    {
        SkipOnPostgres();
        var flow = stack.Flow();
        var tokens = await ManyAsync(flow);
        var unlucky = await LastRefreshTokenAsync();
        await ExecuteAsync($"CREATE TRIGGER refused BEFORE UPDATE ON OpenIddictTokens WHEN OLD.Id = '{unlucky}' BEGIN SELECT RAISE(ABORT, 'refused'); END");
        var answers = await TogetherAsync(flow, tokens);
        Assert.All(answers[..^1], answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(HttpStatusCode.InternalServerError, answers[^1].Status);

        await ExecuteAsync("DROP TRIGGER refused");
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens[^1].RefreshToken))).Status);
    }

    [Fact]
    public async Task One_whose_grant_ends_while_it_waits_gets_nothing_and_the_others_go_on()
    {
        SkipOnPostgres();
        var flow = stack.Flow();
        var tokens = await ManyAsync(flow);
        await Turn.TakeAsync(TestContext.Current.CancellationToken);
        Task<Answer>[] waiting;
        try
        {
            waiting = [.. tokens.Select(one => flow.TokenAsync(Flow.RefreshRequest(one.RefreshToken)))];
            await AllWaitAsync(waiting.Length);
            await ExecuteAsync($"UPDATE Grants SET EndedAt = '2026-01-01 00:00:00', EndReason = 'Revoked' WHERE Id = '{GrantOf(tokens[0])}'");
        }
        finally
        {
            Turn.End();
        }

        var answers = await Task.WhenAll(waiting);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (answers[0].Status, answers[0].Error));
        Assert.Null(answers[0].Text("refresh_token"));
        Assert.All(answers[1..], answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    private static string GrantOf(Answer tokens) => tokens.Access.GetClaim("grant_id").Value;

    private static void SkipOnPostgres() => Assert.SkipWhen(TestDatabase.IsPostgres, "This is about the file of SQLite.");

    /// <summary>As many grants of one person: each from a browser of its own.</summary>
    private async Task<Answer[]> ManyAsync(Flow flow)
    {
        var tokens = new List<Answer> { await flow.TokensAsync() };
        while (tokens.Count < Clients)
        {
            // So that the last one is the newest.
            stack.Server.Time.Advance(TimeSpan.FromSeconds(1));
            tokens.Add(await stack.Flow().TokensAsync());
        }

        return [.. tokens];
    }

    /// <summary>Lets requests wait for the turn until all have come, so that they are written together.</summary>
    private async Task<Answer[]> TogetherAsync(Flow flow, IEnumerable<Answer> tokens)
    {
        await Turn.TakeAsync(TestContext.Current.CancellationToken);
        Task<Answer>[] requests;
        try
        {
            requests = [.. tokens.Select(one => flow.TokenAsync(Flow.RefreshRequest(one.RefreshToken)))];
            await AllWaitAsync(requests.Length);
        }
        finally
        {
            Turn.End();
        }

        return await Task.WhenAll(requests);
    }

    private Task AllWaitAsync(int count) => Eventually.BeTrueAsync(
        () => Task.FromResult(_measures.Ask(RefreshMeasures.Waiting) == count), $"{count} refreshes wait", cancellationToken: TestContext.Current.CancellationToken);

    private async Task<string> LastRefreshTokenAsync()
    {
        await using var database = TestDatabase.Open(stack.Server.Database);
        return (await database.Tokens.Where(token => token.Type == TokenTypeIdentifiers.RefreshToken)
            .ToListAsync(TestContext.Current.CancellationToken)).MaxBy(token => token.CreationDate)!.Id!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var database = TestDatabase.Open(stack.Server.Database);
        await database.Database.ExecuteSqlRawAsync(sql, TestContext.Current.CancellationToken);
    }
}
