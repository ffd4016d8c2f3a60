using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Console;

namespace McpAspire.AuthServer.AccountCommands;

/// <summary>Runs a command in place of the service.</summary>
internal static class AccountCommandExtensions
{
    private const string Word = "accounts";

    internal static bool IsAccountCommand(this string[] arguments) => arguments is [Word, ..];

    /// <summary>What the command answers is on the standard output; log lines, audit events among them, are on the error output.</summary>
    internal static void LogToErrors(this WebApplicationBuilder builder) =>
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);

    /// <summary>Runs the command; neither pages nor background services start.</summary>
    /// <returns>The exit code of the process.</returns>
    internal static async Task<int> RunAccountCommandAsync(this WebApplication app, string[] arguments)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var file = app.Services.GetRequiredService<DatabaseFile>();
        if (!File.Exists(file.Path) || (await database.Database.GetPendingMigrationsAsync()).Any())
        {
            await Console.Error.WriteLineAsync(
                $"{file.Path} is no database of this version. Start the service once, or set 'DataFolder' or 'ConnectionStrings:accounts' as the service has it.");
            return AccountCommand.Failed;
        }

        var command = new AccountCommand(database, scope.ServiceProvider.GetRequiredService<EndingActs>(), Console.Out, Console.Error);
        return await command.RunAsync(arguments, CancellationToken.None);
    }
}
