using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
using Xunit;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>
/// A stack under the http profile with the real Keycloak, which was down at first, started once for the test classes that
/// share it.
/// </summary>
[CollectionDefinition(nameof(StackWithKeycloak))]
public sealed class StackWithKeycloak(Browser browser) : IAsyncLifetime, ICollectionFixture<StackWithKeycloak>
{
    private const string AdminPassword = "the administrator of the tests";

    private static readonly StackOptions Options = new()
    {
        Keycloak = true,
        DiesAtStart = "keycloak",
        Environment = new Dictionary<string, string> { ["Parameters__keycloak-password"] = AdminPassword },
    };

    private RunningStack? _stack;
    private KeycloakAdmin? _admin;

    /// <summary>The stack; where it can't be had, the test that asks is skipped.</summary>
    internal RunningStack Stack
    {
        get
        {
            browser.SkipWithoutOne();
            Assert.SkipWhen(KeycloakServer.Missing is not null, KeycloakServer.Missing ?? "");
            return _stack!;
        }
    }

    internal KeycloakAdmin Admin => _admin!;

    public async ValueTask InitializeAsync()
    {
        if (browser.IsThere && KeycloakServer.Missing is null)
        {
            _stack = await RunningStack.StartAsync(Options, TestContext.Current.CancellationToken);
            _admin = new KeycloakAdmin(_stack.Keycloak, "admin", AdminPassword);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }
}
