using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Console;

namespace McpAspire.AuthServer.Commands;

/// <summary>Runs a command in place of the service.</summary>
internal static class CommandExtensions
{
    private const string Accounts = "accounts";
    private const string Keys = "keys";
    private const string DatabaseWord = "database";

    internal static bool IsCommand(this string[] arguments) => arguments is [Accounts or Keys or DatabaseWord, ..];

    /// <summary>What the command answers is on the standard output; log lines, audit events among them, are on the error output.</summary>
    internal static void LogToErrors(this WebApplicationBuilder builder) =>
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);

    /// <summary>Runs the command; neither pages nor background services start.</summary>
    /// <returns>The exit code of the process: 0 done, 1 what it is about is not there or can't be reached, 2 wrong arguments.</returns>
    internal static async Task<int> RunCommandAsync(this WebApplication app, string[] arguments)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var answer = new CommandAnswer(Console.Out, Console.Error);
        var context = services.GetRequiredService<AuthDbContext>();
        var database = services.GetRequiredService<Database>();
        var words = arguments.TakeWhile((argument, index) => index == 0 || !argument.StartsWith("--", StringComparison.Ordinal) || argument == KeyCommand.Now).ToArray();
        if (words is not [DatabaseWord, "restore", ..] && await FaultAsync(database, context) is { } fault)
        {
            return await answer.FailAsync(fault);
        }

        return words[0] switch
        {
            Accounts => await new AccountCommand(context, services.GetRequiredService<EndingActs>(), answer).RunAsync(words, CancellationToken.None),
            Keys => await new KeyCommand(
                    services.GetRequiredService<KeyRing>(), services.GetRequiredService<KeyStore>(), context, services.GetRequiredService<TimeProvider>(), answer)
                .RunAsync(words, CancellationToken.None),
            _ => await new DatabaseCommand(database, answer).RunAsync(words, CancellationToken.None),
        };
    }

    /// <returns>Why no command can use the database; null where one can.</returns>
    private static async Task<string?> FaultAsync(Database database, AuthDbContext context)
    {
        try
        {
            return await database.ExistsAsync(CancellationToken.None) && !(await context.Database.GetPendingMigrationsAsync()).Any()
                ? null
                : $"{database.Name} is no database of this version. Start the service once, or set 'DataFolder' or 'ConnectionStrings:accounts' as the service has it.";
        }
        catch (InvalidOperationException unreachable)
        {
            return unreachable.Message;
        }
    }
}
