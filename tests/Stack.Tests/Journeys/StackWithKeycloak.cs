using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
using Xunit;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>A stack under the http profile with the real Keycloak, started once for the test classes that share it.</summary>
[CollectionDefinition(nameof(StackWithKeycloak))]
public sealed class StackWithKeycloak(Browser browser) : IAsyncLifetime, ICollectionFixture<StackWithKeycloak>
{
    private const string AdminPassword = "the administrator of the tests";

    private static readonly StackOptions Options = new()
    {
        Keycloak = true,
        Environment = new Dictionary<string, string> { ["Parameters__keycloak-password"] = AdminPassword },
    };

    internal RunningStack Stack { get; private set; } = null!;

    internal KeycloakAdmin Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        browser.SkipWithoutOne();
        Assert.SkipWhen(KeycloakServer.Missing is not null, KeycloakServer.Missing ?? "");
        Stack = await RunningStack.StartAsync(Options, TestContext.Current.CancellationToken);
        Admin = new KeycloakAdmin(Stack.Keycloak, "admin", AdminPassword);
    }

    public async ValueTask DisposeAsync()
    {
        Admin?.Dispose();
        if (Stack is not null)
        {
            await Stack.DisposeAsync();
        }
    }
}
