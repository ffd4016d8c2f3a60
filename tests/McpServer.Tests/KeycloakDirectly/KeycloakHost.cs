using McpAspire.McpServer.Tests.Stack;
using McpAspire.TestKit;

namespace McpAspire.McpServer.Tests.KeycloakDirectly;

/// <summary>McpServer with a realm of a real Keycloak as its authorization server. Where there is no Keycloak nothing starts.</summary>
public sealed class KeycloakHost : McpServerHost
{
    internal KeycloakServer Keycloak { get; private set; } = null!;

    /// <summary>The realm that docs/keycloak-directly.md makes.</summary>
    internal KeycloakRealm Realm { get; private set; } = null!;

    internal override string Issuer => Realm.Issuer;

    protected override bool AuthorizationServerRuns => false;

    public override async ValueTask InitializeAsync()
    {
        if (KeycloakServer.Missing is null)
        {
            Keycloak = await KeycloakServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
            Realm = await KeycloakRealm.CreateAsync(Keycloak, Resource, "mcp");
            await base.InitializeAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (KeycloakServer.Missing is null)
        {
            await base.DisposeAsync();
            await Keycloak.DisposeAsync();
        }
    }
}
