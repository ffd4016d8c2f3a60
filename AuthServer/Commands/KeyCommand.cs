using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Storage;

namespace McpAspire.AuthServer.Commands;

/// <summary>
/// What operators do with keys, while the service runs or not: <c>keys list</c>, <c>keys rotate</c>, <c>keys rotate --now</c>
/// and <c>keys remove KID</c>. Running processes read the ring every few seconds.
/// </summary>
internal sealed class KeyCommand(KeyRing ring, KeyStore store, AuthDbContext database, TimeProvider time, CommandAnswer answer)
{
    internal const string Now = "--now";

    private const string Usage =
        "Usage: dotnet AuthServer.dll keys list | rotate [--now] | remove KID\n"
        + "'rotate' announces the next keys, which become active in a day; with --now they do in half a minute.\n"
        + "'remove' takes a retired key out before its time: whatever it made is refused from then on.";

    /// <returns>The exit code: 0 done, 1 there is no such retired key, 2 wrong arguments.</returns>
    internal async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        // A key that this process wrapped with another wrapping key would stop the service: reading the others finds that out.
        await ring.ReadAsync(database, cancellationToken);
        switch (arguments)
        {
            case [_, "list"]:
                return await ListAsync();
            case [_, "rotate"]:
                await store.AnnounceAsync(cancellationToken);
                return await ListAsync();
            case [_, "rotate", Now]:
                await store.RotateNowAsync(cancellationToken);
                return await ListAsync();
            case [_, "remove", var kid]:
                return await RemoveAsync(kid, cancellationToken);
            default:
                return await answer.MisusedAsync(Usage);
        }
    }

    private async Task<int> ListAsync()
    {
        var now = time.GetUtcNow();
        foreach (var life in ring.Lives)
        {
            var words = life.StateAt(now) switch
            {
                KeyState.Announced => $"announced, active from {life.Key.NotBefore:u}",
                KeyState.Active when life.RetiredAt is { } end => $"active since {life.Key.NotBefore:u} until {end:u}",
                KeyState.Active => $"active since {life.Key.NotBefore:u}",
                _ => $"retired since {life.RetiredAt:u}, kept until {life.RetiredAt + KeyLife.Kept:u}",
            };
            await answer.SayAsync($"{life.Key.Kid}  {life.Key.Use}  {words}");
        }

        return CommandAnswer.Done;
    }

    private async Task<int> RemoveAsync(string kid, CancellationToken cancellationToken) => await store.RemoveAsync(kid, cancellationToken) switch
    {
        KeyState.Retired => await answer.DoneAsync($"The key {kid} is removed. Nothing that it made is good any more."),
        null => await answer.FailAsync($"There is no key '{kid}'. 'keys list' shows all."),
        _ => await answer.FailAsync($"The key {kid} is still needed. 'keys rotate --now' retires it in half a minute."),
    };
}
