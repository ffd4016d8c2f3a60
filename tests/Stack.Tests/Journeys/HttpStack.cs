using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Journeys;
using McpAspire.Stack.Tests.Running;
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>A stack under the http profile, started once for a class of tests.</summary>
public sealed class HttpStack(Browser browser) : IAsyncLifetime
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
