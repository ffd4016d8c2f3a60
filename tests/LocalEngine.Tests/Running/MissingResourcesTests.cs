using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Ports;
using McpAspire.LocalEngine.Processes;
using McpAspire.LocalEngine.Running;
using McpAspire.LocalEngine.Tests.Hosts;

namespace McpAspire.LocalEngine.Tests.Running;

public sealed class MissingResourcesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_a_missing_resource_would_have_is_left_out_of_the_environment()
    {
        var environment = await EnvironmentAsync("no such program. Install it");
        Assert.Equal(["ConnectionStrings__store", "OTHER", "STORE_HOST", "STORE_PASSWORD", "STORE_PORT", "STORE_URI"], environment.Keys.Order());
    }

    [Fact]
    public async Task What_a_resource_has_is_in_the_environment()
    {
        var environment = await EnvironmentAsync(obstacle: null);
        Assert.StartsWith("http://localhost:", environment["ISSUER"], StringComparison.Ordinal);
        Assert.EndsWith("/realms/mcp", environment["ISSUER"], StringComparison.Ordinal);
        Assert.Contains("services__accounts__http__0", environment.Keys);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<Dictionary<string, string>> EnvironmentAsync(string? obstacle)
    {
        var builder = TestStack.Builder("--data", _folder["data"], "--Parameters:store-password=s3cret");
        var accounts = builder.AddKeycloak("accounts");
        var endpoint = accounts.GetEndpoint("http");
        var service = builder.AddResource(new ProjectResource("service"))
            .WithReference(builder.AddRedis("store"))
            .WithReference(accounts)
            .WithEnvironment("ISSUER", $"{endpoint}/realms/mcp")
            .WithEnvironment("PORT", ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.Port)}"))
            .WithEnvironment("OTHER", "text");
        PortAllocation.Allocate(builder.Resources);

        var missing = new MissingResources();
        await missing.FindAsync([new AccountsWorkload(accounts.Resource, obstacle)], TestContext.Current.CancellationToken);
        return await ResourceValues.EnvironmentAsync(service.Resource, builder.ExecutionContext, missing, TestContext.Current.CancellationToken);
    }

    private sealed class AccountsWorkload(IResource resource, string? obstacle) : Workload(resource)
    {
        internal override IReadOnlyList<IHealthProbe> Probes => [];

        internal override ValueTask<string?> FindObstacleAsync(CancellationToken cancellationToken) => new(obstacle);

        internal override ValueTask<ProcessSpec> PrepareAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
