using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenIddict.Server;

namespace McpAspire.AuthServer.Tests.Pipeline;

/// <summary>docs/pipeline.md lists what really runs: an order that changed by accident is seen in it.</summary>
public sealed class PipelineTests : IDisposable
{
    /// <summary>Where this is set, the test writes the list instead of comparing it.</summary>
    private const string Write = "WRITE_PIPELINE";

    private static readonly string File = Path.Combine(TestNames.Repository, "docs", "pipeline.md");

    private readonly RedisServer _redis = new();

    [Fact]
    public async Task The_handlers_are_those_of_the_document_in_its_order()
    {
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString);
        using var scope = server.Scope();
        var handlers = scope.ServiceProvider.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue.Handlers;
        var list = new PipelineDocument().Of(handlers);
        var document = (await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");
        var start = document.IndexOf(PipelineDocument.Mark, StringComparison.Ordinal) + PipelineDocument.Mark.Length;
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
        {
            await System.IO.File.WriteAllTextAsync(File, document[..start] + list, TestContext.Current.CancellationToken);
            return;
        }

        Assert.True(
            document[start..] == list,
            $"The handlers, their order or their docstrings are not what docs/pipeline.md says. See whether they should be, and write it anew: {Write}=1 dotnet test --project tests/AuthServer.Tests --filter-class \"*{nameof(PipelineTests)}\"");
    }

    public void Dispose() => _redis.Dispose();
}
