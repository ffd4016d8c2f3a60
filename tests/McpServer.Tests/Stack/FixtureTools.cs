using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using McpAspire.McpServer.Authorization;
using ModelContextProtocol.Server;

namespace McpAspire.McpServer.Tests.Stack;

/// <summary>Tools that only the tests have: each shows one rule.</summary>
[McpServerToolType]
internal sealed class FixtureTools
{
    [McpServerTool(Name = "read_diary")]
    [RequiresScope("diary:read")]
    [Description("Needs a scope of its own.")]
    public static string ReadDiary() => "Dear diary";

    [McpServerTool(Name = "pick")]
    [Description("Has arguments of several kinds.")]
    public static string Pick([Range(1, 10)] int count, [AllowedValues("red", "green")] string color = "red") => $"{count} {color}";

    [McpServerTool(Name = "fail")]
    [Description("Throws.")]
    public static string Fail() => throw new InvalidOperationException("secret inner detail");

    [McpServerTool(Name = "wait")]
    [Description("Runs until it is cancelled.")]
    public static async Task<string> Wait(LongRuns runs, CancellationToken cancellationToken)
    {
        runs.Started.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            runs.Cancelled.TrySetResult();
            throw;
        }

        return "";
    }

    [McpServerTool(Name = "wait_regardless")]
    [Description("Heeds no cancellation.")]
    public static async Task<string> WaitRegardless(LongRuns runs)
    {
        runs.Started.TrySetResult();
        await runs.Released.Task;
        return "";
    }
}

/// <summary>What is known of a tool that runs long.</summary>
internal sealed class LongRuns
{
    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
