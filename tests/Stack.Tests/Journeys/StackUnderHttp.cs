using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// A stack is five processes: one at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>A stack under the http profile, started once for the test classes that share it.</summary>
[CollectionDefinition(nameof(StackUnderHttp))]
public sealed class StackUnderHttp(Browser browser) : IAsyncLifetime, ICollectionFixture<StackUnderHttp>
{
    // A call to a server that hangs is given up soon.
    private static readonly StackOptions Options = new() { Environment = new Dictionary<string, string> { ["Mcp__CallTimeout"] = "00:00:05" } };

    private RunningStack? _stack;

    /// <summary>The stack; where no browser can be had, the test that asks is skipped.</summary>
    internal RunningStack Stack
    {
        get
        {
            browser.SkipWithoutOne();
            return _stack!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (browser.IsThere)
        {
            _stack = await RunningStack.StartAsync(Options, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }
}
