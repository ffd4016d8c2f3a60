using System.Net;
using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using McpAspire.TestKit;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningIn;

/// <summary>Metadata that breaks a rule is not used, and the start page says which rule.</summary>
public sealed class DiscoveryTests : IAsyncLifetime
{
    private readonly World _world = new();

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public Task Resource_metadata_about_another_resource_is_refused()
    {
        _world.McpServer.ChangeMetadata = metadata => metadata["resource"] = "http://localhost:1/mcp";
        return StartPageSaysAsync("is about the resource 'http://localhost:1/mcp'");
    }

    [Fact]
    public Task Resource_metadata_without_authorization_server_is_refused()
    {
        _world.McpServer.ChangeMetadata = metadata => metadata.Remove("authorization_servers");
        return StartPageSaysAsync("names no authorization server");
    }

    [Fact]
    public Task Server_metadata_of_another_issuer_is_refused()
    {
        _world.AuthorizationServer.ChangeMetadata = metadata => metadata["issuer"] = _world.AuthorizationServer.Issuer + "/";
        return StartPageSaysAsync("names the issuer");
    }

    [Fact]
    public Task A_server_without_s256_is_refused()
    {
        _world.AuthorizationServer.ChangeMetadata = metadata => metadata["code_challenge_methods_supported"] = new JsonArray("plain");
        return StartPageSaysAsync("PKCE with S256");
    }

    [Fact]
    public Task A_server_that_says_nothing_about_pkce_is_refused()
    {
        _world.AuthorizationServer.ChangeMetadata = metadata => metadata.Remove("code_challenge_methods_supported");
        return StartPageSaysAsync("PKCE with S256");
    }

    [Fact]
    public Task A_server_that_takes_no_client_documents_is_refused()
    {
        _world.AuthorizationServer.ChangeMetadata = metadata => metadata.Remove("client_id_metadata_document_supported");
        return StartPageSaysAsync("takes no client ID metadata documents");
    }

    [Theory]
    [InlineData("http://169.254.169.254/token")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    public async Task Endpoints_that_lead_into_the_inner_network_or_are_no_web_address_are_refused(string endpoint)
    {
        _world.AuthorizationServer.ChangeMetadata = metadata => metadata["authorization_endpoint"] = endpoint;
        using var browser = new TestBrowser(_world.ClientWeb.Url);
        await browser.OpenAsync("/");

        Assert.Contains("Signing in is not possible now", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(endpoint, browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_challenge_without_metadata_url_leads_to_the_well_known_place()
    {
        _world.McpServer.Challenge = "Basic realm=\"x\", Bearer realm=\"a, b\"";

        using var browser = await _world.SignInAsync();

        Assert.Equal("mcp:tools openid profile", _world.AuthorizationServer.LastAuthorizationRequest!["scope"]);
    }

    [Fact]
    public async Task Scopes_come_from_the_challenge_first()
    {
        _world.McpServer.Challenge = _world.McpServer.Challenge!.Replace("mcp:tools", "mcp:tools notes:read", StringComparison.Ordinal);

        using var browser = await _world.SignInAsync();

        Assert.Equal("mcp:tools notes:read openid profile", _world.AuthorizationServer.LastAuthorizationRequest!["scope"]);
    }

    [Fact]
    public async Task A_server_that_is_down_is_said_to_be_and_found_again()
    {
        await _world.McpServer.StopAsync();
        await StartPageSaysAsync("can't be reached");

        await _world.McpServer.StartAsync();
        using var browser = new TestBrowser(_world.ClientWeb.Url);
        await Eventually.BeTrueAsync(
            async () =>
            {
                await browser.OpenAsync("/");
                return browser.Document.Forms.Any(form => form.GetAttribute("action") == "/signin");
            },
            "the start page offers to sign in again", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await browser.SubmitAsync("/signin");
        Assert.Contains("Alice Adams", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_that_appears_after_the_start_page_was_shown_stops_the_sign_in()
    {
        using var browser = new TestBrowser(_world.ClientWeb.Url);
        await browser.OpenAsync("/");
        _world.AuthorizationServer.ChangeMetadata = metadata => metadata["issuer"] = "https://evil.example";

        await browser.SubmitAsync("/signin");

        Assert.Equal(HttpStatusCode.BadGateway, browser.Status);
        Assert.Contains("evil.example", browser.Text, StringComparison.Ordinal);
    }

    private async Task StartPageSaysAsync(string text)
    {
        using var browser = new TestBrowser(_world.ClientWeb.Url);
        await browser.OpenAsync("/");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains(text, browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Document.Forms, form => form.GetAttribute("action") == "/signin");
    }
}
