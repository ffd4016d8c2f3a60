using System.Data.Common;
using McpAspire.AuthServer.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace McpAspire.AuthServer.Tests.Databases;

public sealed class WriterTurnTests : IDisposable
{
    private readonly Begun _begun = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authserver-turns-");

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_second_writer_does_not_ask_the_database_until_the_first_has_ended()
    {
        await using var first = Context("one.db");
        await using var second = Context("one.db");
        var turn = await first.BeginAsync(TestContext.Current.CancellationToken);

        var waiting = second.BeginAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, _begun.Count);

        await turn.DisposeAsync();
        await using var next = await waiting;
        Assert.Equal(2, _begun.Count);
    }

    [Fact]
    public async Task What_is_undone_gives_its_turn_back_once()
    {
        await using var context = Context("two.db");
        for (var round = 0; round < 3; round++)
        {
            var turn = await context.BeginAsync(TestContext.Current.CancellationToken);
            await turn.RollbackAsync(TestContext.Current.CancellationToken);
            await turn.DisposeAsync();
            await turn.DisposeAsync();
        }

        await using var first = await context.BeginAsync(TestContext.Current.CancellationToken);
        await using var other = Context("two.db");
        var waiting = other.BeginAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        await first.DisposeAsync();
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task Who_gives_up_or_fails_to_begin_does_not_keep_the_turn()
    {
        await using var first = Context("three.db");
        await using var second = Context("three.db");
        var turn = await first.BeginAsync(TestContext.Current.CancellationToken);
        using var leaving = new CancellationTokenSource();
        var waiting = second.BeginAsync(leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await turn.CommitAsync(TestContext.Current.CancellationToken);
        await turn.DisposeAsync();

        // A context has one transaction at a time: a second one can't begin.
        await using (await second.Database.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => second.BeginAsync(TestContext.Current.CancellationToken));
        }

        await using var next = await first.BeginAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Two_files_do_not_wait_for_each_other()
    {
        await using var first = Context("four.db");
        await using var second = Context("five.db");
        await using var one = await first.BeginAsync(TestContext.Current.CancellationToken);
        await using var two = await second.BeginAsync(TestContext.Current.CancellationToken);
    }

    private SqliteAuthDbContext Context(string file) =>
        new(new DbContextOptionsBuilder<SqliteAuthDbContext>().UseSqlite($"Data Source={Path.Combine(_folder.FullName, file)}").AddInterceptors(_begun).Options);

    /// <summary>Counts the transactions that asked the database to begin.</summary>
    private sealed class Begun : DbTransactionInterceptor
    {
        internal int Count { get; private set; }

        public override ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
        {
            Count++;
            return ValueTask.FromResult(result);
        }
    }
}
