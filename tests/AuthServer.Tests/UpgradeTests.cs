using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>A database of an older version is brought up to date at the start, in one piece and without loss.</summary>
public sealed class UpgradeTests : IDisposable
{
    private readonly RedisServer _redis = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;

    private string Database => $"Data Source={Path.Combine(_folder, "authserver.db")}";

    [Fact]
    public async Task A_database_of_the_first_version_keeps_its_people_and_grants_and_needs_no_step_outside_a_transaction()
    {
        await MakeFirstVersionAsync();
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString, folder: _folder, database: Database);
        await using var client = await TestClient.StartAsync();

        var tokens = await new Flow(server, client).TokensAsync(userName: "grace");

        Assert.Equal("the-old-account", tokens.Access.Subject);
        using var scope = server.Scope();
        var old = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Grants.SingleAsync(
            grant => grant.Id == "the-old-grant", TestContext.Current.CancellationToken);
        Assert.Equal(old.AuthorizedAt, old.LastUsedAt);
        // Its cookie has no stamp either, and no stamp fits no session: the person signs in again, and goes on with it.
        var session = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sessions.SingleAsync(
            session => session.Id == "the-old-session", TestContext.Current.CancellationToken);
        Assert.Equal((null, ""), (session.EndedAt, session.Stamp));
        Assert.False(new SessionStamp(session.Id, session.Stamp).Fits(session));
        Assert.DoesNotContain(server.Logs.Lines, line => line.Contains("cannot be executed in a transaction", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _redis.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task MakeFirstVersionAsync()
    {
        await using var database = TestDatabase.Open(Database);
        await database.GetService<IMigrator>().MigrateAsync("Initial", TestContext.Current.CancellationToken);
        var password = new PasswordHasher<Account>().HashPassword(null!, "grace");
        var now = DateTime.UtcNow;
        await database.Database.ExecuteSqlAsync(
            $"INSERT INTO Accounts (Id, UserName, PasswordHash, Name, Roles, CreatedAt, FailedSignIns) VALUES ('the-old-account', 'grace', {password}, 'Grace', 'user', {now}, 0)",
            TestContext.Current.CancellationToken);
        await database.Database.ExecuteSqlAsync(
            $"INSERT INTO Sessions (Id, AccountId, CreatedAt, AuthenticatedAt, LastUsedAt) VALUES ('the-old-session', 'the-old-account', {now}, {now}, {now})",
            TestContext.Current.CancellationToken);
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO Grants (Id, AccountId, ClientId, Resource, GivenInSession, Scopes, CreatedAt, AuthorizedAt)
            VALUES ('the-old-grant', 'the-old-account', 'a-client', 'a-resource', 'a-session', 'openid', {now}, {now})
            """,
            TestContext.Current.CancellationToken);
    }
}
