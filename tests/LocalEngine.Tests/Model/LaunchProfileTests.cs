using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Tests.Hosts;
using McpAspire.TestKit;

namespace McpAspire.LocalEngine.Tests.Model;

public sealed class LaunchProfileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _http = FreePort.Next();
    private readonly int _https = FreePort.Next();

    private string Settings =>
        $$"""
        {
          // Comments are allowed here.
          "profiles": {
            "container": { "commandName": "Docker" },
            "http": { "commandName": "Project", "applicationUrl": "http://localhost:{{_http}}", "environmentVariables": { "ASPNETCORE_ENVIRONMENT": "Development" } },
            "https": { "commandName": "Project", "applicationUrl": "https://127.0.0.1:{{_https}};http://localhost:{{_http}};http://localhost:0", "environmentVariables": { "MARK": "https" } },
          }
        }
        """;

    private DistributedApplicationBuilder Builder(string profile)
    {
        var builder = TestStack.Builder("--data", _folder["data"]);
        builder.Configuration["DOTNET_LAUNCH_PROFILE"] = profile;
        return builder;
    }

    [Theory]
    [InlineData("")]
    [InlineData("http")]
    [InlineData("unknown")]
    public async Task The_first_profile_that_runs_the_project_serves_where_the_host_names_no_other(string profile)
    {
        var builder = Builder(profile);
        var project = builder.AddProject("service", TestStack.Project(_folder.Path, Settings));
        var environment = await TestStack.EnvironmentAsync(builder, project.Resource);
        Assert.Equal($"http://localhost:{_http}", environment["ASPNETCORE_URLS"]);
        Assert.Equal("Development", environment["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("http", environment["DOTNET_LAUNCH_PROFILE"]);
        Assert.Equal("service", environment["OTEL_SERVICE_NAME"]);
        Assert.Equal(["http"], project.Resource.GetEndpoints().Select(endpoint => endpoint.EndpointName));
    }

    [Fact]
    public async Task The_hosts_own_profile_wins_with_all_its_URLs()
    {
        var builder = Builder("https");
        var project = builder.AddProject("service", TestStack.Project(_folder.Path, Settings));
        var environment = await TestStack.EnvironmentAsync(builder, project.Resource);
        var any = project.GetEndpoint("http2").Port;
        Assert.NotEqual(0, any);
        Assert.Equal($"https://127.0.0.1:{_https};http://localhost:{_http};http://localhost:{any}", environment["ASPNETCORE_URLS"]);
        Assert.Equal($"{_https}", environment["ASPNETCORE_HTTPS_PORT"]);
        Assert.Equal("https", environment["MARK"]);
        Assert.Equal($"https://127.0.0.1:{_https}", project.GetEndpoint("https").Url);
    }

    [Fact]
    public async Task What_the_description_says_wins_over_the_profile()
    {
        var builder = Builder("http");
        var project = builder.AddProject("service", TestStack.Project(_folder.Path, Settings)).WithEnvironment("ASPNETCORE_ENVIRONMENT", "Staging");
        var environment = await TestStack.EnvironmentAsync(builder, project.Resource);
        Assert.Equal("Staging", environment["ASPNETCORE_ENVIRONMENT"]);
    }

    [Fact]
    public void A_project_without_launch_settings_has_no_endpoints() =>
        Assert.Empty(Builder("http").AddProject("service", TestStack.Project(_folder.Path, null)).Resource.GetEndpoints());

    [Fact]
    public void Damaged_launch_settings_are_named()
    {
        var error = Assert.Throws<DistributedApplicationException>(
            () => Builder("http").AddProject("service", TestStack.Project(_folder.Path, "{")));
        Assert.Contains("launchSettings.json", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
