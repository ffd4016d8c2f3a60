using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Commands;

/// <summary>
/// What operators do with accounts: <c>dotnet AuthServer.dll accounts list</c>, <c>accounts disable WHO</c> and
/// <c>accounts enable WHO</c>, with the configuration of the service, which may run meanwhile: it tells resource servers
/// and clients from the outbox.
/// </summary>
internal sealed class AccountCommand(AuthDbContext database, EndingActs endings, CommandAnswer answer)
{
    private const string Usage =
        "Usage: dotnet AuthServer.dll accounts list | disable WHO | enable WHO\n"
        + "WHO is a user name, or the id that 'list' shows.";

    /// <returns>The exit code: 0 done, 1 there is no such account, 2 wrong arguments.</returns>
    internal async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken) => arguments switch
    {
        [_, "list"] => await ListAsync(cancellationToken),
        [_, "disable", var who] => await WithAccountAsync(who, DisableAsync, cancellationToken),
        [_, "enable", var who] => await WithAccountAsync(who, EnableAsync, cancellationToken),
        _ => await answer.MisusedAsync(Usage),
    };

    private async Task<int> ListAsync(CancellationToken cancellationToken)
    {
        foreach (var account in await database.Accounts.AsNoTracking().OrderBy(account => account.CreatedAt).ToListAsync(cancellationToken))
        {
            var state = account.DisabledAt is { } since ? $"disabled since {since:u}" : "enabled";
            await answer.SayAsync($"{account.Id}  {Clean(account.ShownUserName ?? "-")}  {Clean(account.Name)}  {state}");
        }

        return CommandAnswer.Done;
    }

    private async Task<int> WithAccountAsync(string who, Func<Account, CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        var userName = PasswordSignIn.Normalize(who);
        var found = await database.Accounts.AsNoTracking()
            .Where(account => account.Id == who || account.UserName == userName || account.UpstreamUserName == who)
            .ToListAsync(cancellationToken);
        // An id is nobody else's, whatever a provider calls its people.
        var named = found.Find(account => account.Id == who) ?? (found.Count == 1 ? found[0] : null);
        if (named is not null)
        {
            await act(named, cancellationToken);
            return CommandAnswer.Done;
        }

        return await answer.FailAsync(found.Count == 0
            ? $"There is no account '{who}'. 'accounts list' shows all."
            : $"{found.Count} accounts have the name '{who}'. Name one by its id, which 'accounts list' shows.");
    }

    private async Task DisableAsync(Account account, CancellationToken cancellationToken)
    {
        await endings.EndEverythingAsync(account.Id, EndReason.AccountDisabled, cancellationToken);
        await answer.SayAsync($"{Clean(account.Name)} ({account.Id}) is disabled: no sign-in, and all sessions and applications of theirs have ended.");
    }

    private async Task EnableAsync(Account account, CancellationToken cancellationToken)
    {
        await endings.EnableAsync(account.Id, cancellationToken);
        await answer.SayAsync($"{Clean(account.Name)} ({account.Id}) may sign in again. What had ended stays ended.");
    }

    /// <summary>Names come from providers: one must not forge another line, or what a terminal does.</summary>
    private static string Clean(string name) => OneLineLogger.Clean(name);
}
