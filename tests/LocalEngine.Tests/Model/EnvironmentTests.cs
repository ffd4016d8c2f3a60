using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Tests.Hosts;
using McpAspire.TestKit;

namespace McpAspire.LocalEngine.Tests.Model;

public sealed class EnvironmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private DistributedApplicationBuilder Builder(params string[] arguments) => TestStack.Builder(["--data", _folder["data"], .. arguments]);

    [Fact]
    public async Task A_reference_to_Redis_gives_the_variables_that_Aspire_gives()
    {
        var port = FreePort.Next();
        var builder = Builder("--Parameters:sessions-password=s3cret!");
        var redis = builder.AddRedis("sessions", port);
        var service = builder.AddResource(new ProjectResource("service")).WithReference(redis);

        var environment = await TestStack.EnvironmentAsync(builder, service.Resource);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ConnectionStrings__sessions"] = $"localhost:{port},password=s3cret!",
                ["SESSIONS_HOST"] = "localhost",
                ["SESSIONS_PORT"] = $"{port}",
                ["SESSIONS_PASSWORD"] = "s3cret!",
                ["SESSIONS_URI"] = $"redis://:s3cret%21@localhost:{port}",
            },
            environment);
    }

    [Fact]
    public async Task A_reference_to_Keycloak_gives_its_public_endpoint_only()
    {
        var port = FreePort.Next();
        var builder = Builder();
        var service = builder.AddResource(new ProjectResource("service")).WithReference(builder.AddKeycloak("keycloak", port));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["services__keycloak__http__0"] = $"http://localhost:{port}",
                ["KEYCLOAK_HTTP"] = $"http://localhost:{port}",
            },
            await TestStack.EnvironmentAsync(builder, service.Resource));
    }

    [Fact]
    public async Task A_reference_to_an_https_Keycloak_is_named_by_its_scheme()
    {
        var builder = Builder();
        var keycloak = builder.AddKeycloak("keycloak", FreePort.Next());
        var service = builder.AddResource(new ProjectResource("service")).WithReference(keycloak);
        McpAspire.LocalEngine.Keycloak.KeycloakHttps.Apply(builder.Resources);
        var environment = await TestStack.EnvironmentAsync(builder, service.Resource);
        Assert.StartsWith("https://localhost:", environment["services__keycloak__https__0"], StringComparison.Ordinal);
        Assert.DoesNotContain("services__keycloak__http__0", environment.Keys);
    }

    [Fact]
    public async Task A_reference_to_a_project_gives_each_of_its_endpoints()
    {
        var (first, second) = (FreePort.Next(), FreePort.Next());
        var builder = Builder();
        var target = builder.AddResource(new ProjectResource("my-api"))
            .WithEndpoint("http", endpoint => (endpoint.UriScheme, endpoint.Port) = ("http", first))
            .WithEndpoint("admin", endpoint => (endpoint.UriScheme, endpoint.Port) = ("http", second));
        var service = builder.AddResource(new ProjectResource("service")).WithReference(target);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["services__my-api__http__0"] = $"http://localhost:{first}",
                ["MY_API_HTTP"] = $"http://localhost:{first}",
                ["services__my-api__admin__0"] = $"http://localhost:{second}",
                ["MY_API_ADMIN"] = $"http://localhost:{second}",
            },
            await TestStack.EnvironmentAsync(builder, service.Resource));
    }

    [Fact]
    public async Task Variables_take_texts_endpoints_parameters_and_callbacks_and_the_last_word_holds()
    {
        var builder = Builder("--Parameters:p=value");
        var service = builder.AddResource(new ProjectResource("service"))
            .WithEndpoint("http", endpoint => (endpoint.UriScheme, endpoint.TargetHost) = ("http", "127.0.0.1"));
        var endpoint = service.GetEndpoint("http");
        service
            .WithEnvironment("TEXT", "one").WithEnvironment("TEXT", "two")
            .WithEnvironment("ENDPOINT", endpoint)
            .WithEnvironment("AUTHORITY", ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.HostAndPort)}"))
            .WithEnvironment("MIXED", $"{endpoint}/mcp")
            .WithEnvironment("PARAMETER", builder.AddParameter("p"))
            .WithEnvironment(context => context.EnvironmentVariables["CALLBACK"] = context.ExecutionContext.IsRunMode.ToString());

        var environment = await TestStack.EnvironmentAsync(builder, service.Resource);
        var url = $"http://127.0.0.1:{endpoint.Port}";
        Assert.Equal("two", environment["TEXT"]);
        Assert.Equal(url, environment["ENDPOINT"]);
        Assert.Equal($"127.0.0.1:{endpoint.Port}", environment["AUTHORITY"]);
        Assert.Equal($"{url}/mcp", environment["MIXED"]);
        Assert.Equal("value", environment["PARAMETER"]);
        Assert.Equal("True", environment["CALLBACK"]);
    }

    [Fact]
    public async Task A_parameter_without_a_value_says_how_to_set_one()
    {
        var builder = Builder();
        var service = builder.AddResource(new ProjectResource("service")).WithEnvironment("P", builder.AddParameter("nothing"));
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => TestStack.EnvironmentAsync(builder, service.Resource));
        Assert.Contains("--Parameters:nothing=VALUE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_are_gathered_from_all_callbacks()
    {
        var builder = Builder();
        var service = builder.AddResource(new ProjectResource("service"))
            .WithArgs("a", "b")
            .WithArgs(context => context.Args.Add(ReferenceExpression.Create($"{"c"}")));
        Assert.Equal(
            ["a", "b", "c"],
            await McpAspire.LocalEngine.Running.ResourceValues.ArgumentsAsync(
                service.Resource, builder.ExecutionContext, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Two_resources_of_one_name_are_refused()
    {
        var builder = Builder();
        builder.AddRedis("sessions");
        Assert.Throws<DistributedApplicationException>(() => builder.AddRedis("Sessions"));
    }

    [Fact]
    public void A_health_check_needs_an_http_endpoint()
    {
        var service = Builder().AddResource(new ProjectResource("service"));
        var error = Assert.Throws<DistributedApplicationException>(() => service.WithHttpHealthCheck("/health"));
        Assert.Contains("'service'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resource_cannot_wait_for_itself()
    {
        var service = Builder().AddResource(new ProjectResource("service"));
        Assert.Throws<DistributedApplicationException>(() => service.WaitFor(service));
    }

    public void Dispose() => _folder.Dispose();
}
