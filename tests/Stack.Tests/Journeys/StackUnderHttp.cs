using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// A stack is five processes: one at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>A stack under the http profile, started once for a class of tests.</summary>
public sealed class StackUnderHttp(Browser browser) : IAsyncLifetime
{
    internal RunningStack Stack { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        browser.SkipWithoutOne();
        Stack = await RunningStack.StartAsync(new StackOptions(), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Stack is not null)
        {
            await Stack.DisposeAsync();
        }
    }
}
