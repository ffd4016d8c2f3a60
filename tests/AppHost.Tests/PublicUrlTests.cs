using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace McpAspire.AppHost.Tests;

/// <summary>Who each service is.</summary>
public sealed class PublicUrlTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("https://accounts.example.com")]
    public void A_public_url_refers_to_its_resource_so_that_it_is_left_out_with_it(string? configured)
    {
        var builder = DistributedApplication.CreateBuilder([]);
        builder.Configuration["PublicUrls:keycloak"] = configured;
        var keycloak = builder.AddKeycloak("keycloak", 8080);

        var url = keycloak.PublicUrl();

        Assert.Contains(keycloak.Resource, Everything(url));
    }

    [Fact]
    public async Task A_configured_public_url_is_taken_as_it_is()
    {
        var builder = DistributedApplication.CreateBuilder([]);
        builder.Configuration["PublicUrls:keycloak"] = "https://accounts.example.com";

        var url = builder.AddKeycloak("keycloak", 8080).PublicUrl();

        Assert.Equal("https://accounts.example.com", await url.GetValueAsync(TestContext.Current.CancellationToken));
    }

    private static IEnumerable<object> Everything(object value) => value switch
    {
        IResource => [value],
        IValueWithReferences composed => composed.References.SelectMany(Everything),
        _ => [],
    };
}
