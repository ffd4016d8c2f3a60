using McpAspire.AuthServer.Commands;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>The command <c>accounts</c>, where providers chose the names.</summary>
public sealed class AccountCommandTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task An_id_is_that_account_also_where_a_provider_calls_another_person_so()
    {
        var (named, other) = (NewAccount("Grace"), NewAccount("Mallory"));
        other.UpstreamUserName = named.Id;
        await AddAsync(named, other);
        var (exitCode, output) = await RunAsync("disable", named.Id);
        Assert.True(exitCode == CommandAnswer.Done, output);
        using var scope = stack.Server.Scope();
        var accounts = scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts;
        Assert.NotNull(accounts.Single(account => account.Id == named.Id).DisabledAt);
        Assert.Null(accounts.Single(account => account.Id == other.Id).DisabledAt);
    }

    [Fact]
    public async Task A_name_can_not_forge_a_line_or_steer_a_terminal()
    {
        var account = NewAccount("Mallory\nforged-id  alice  Alice  enabled\u001b[2J");
        account.UpstreamUserName = "mallory\r\u202E";
        await AddAsync(account);
        var before = (await RunAsync("list")).Output;
        var line = before.Split(Environment.NewLine).Single(line => line.StartsWith(account.Id, StringComparison.Ordinal));
        Assert.Equal($@"{account.Id}  mallory\u000D\u202E  Mallory\u000Aforged-id  alice  Alice  enabled\u001B[2J  enabled", line);
        Assert.DoesNotContain('\u001b', before + (await RunAsync("disable", account.Id)).Output + (await RunAsync("enable", account.Id)).Output);
    }

    private Account NewAccount(string name) => new() { Id = RandomId.New(), Name = name, CreatedAt = stack.Server.Time.GetUtcNow() };

    private async Task AddAsync(params Account[] accounts)
    {
        using var scope = stack.Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        database.Accounts.AddRange(accounts);
        await database.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var scope = stack.Server.Scope();
        using var output = new StringWriter();
        var command = new AccountCommand(
            scope.ServiceProvider.GetRequiredService<AuthDbContext>(), scope.ServiceProvider.GetRequiredService<EndingActs>(), new CommandAnswer(output, output));
        var exitCode = await command.RunAsync(["accounts", .. arguments], TestContext.Current.CancellationToken);
        return (exitCode, output.ToString());
    }
}
