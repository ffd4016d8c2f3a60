using System.Net;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>Where an authorization error goes (RFC 6749 §4.1.2.1, RFC 9700 §4.11.2). facts.md, OpenIddict, 11.</summary>
public sealed class ErrorRedirectTests(ConfiguredSurroundings stack) : IClassFixture<ConfiguredSurroundings>
{
    [Theory]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("resource", "http://localhost:5200/other", "invalid_target")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("response_mode", "form_post", "invalid_request")]
    [InlineData("scope", "mcp:tools launch:missiles", "invalid_scope")]
    [InlineData("scope", "mcp:tools notes:write", "invalid_scope")]
    [InlineData("prompt", "create", "invalid_request")]
    [InlineData("max_age", "soon", "invalid_request")]
    [InlineData("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported")]
    [InlineData("id_token_hint", "not-a-token", "invalid_request")]
    public async Task A_configured_client_gets_an_error_at_once_with_state_and_iss(string parameter, string? value, string error)
    {
        var flow = stack.Flow();
        var request = ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PublicId);
        request[parameter] = value;

        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(ConfiguredSurroundings.Callback, page.Url.GetLeftPart(UriPartial.Path));
        Assert.Equal((error, "the-state", stack.Server.Issuer), (page.Query("error"), page.Query("state"), page.Query("iss")));
        Assert.NotEmpty(page.Query("error_description")!);
        Assert.Null(page.Query("code"));
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Authorization refused: client web-app, " + error));
    }

    [Theory]
    [InlineData("redirect_uri", "https://app.example/elsewhere")]
    [InlineData("redirect_uri", null)]
    [InlineData("client_id", "nobody")]
    [InlineData("request_uri", "https://app.example/request.jwt")]
    public async Task An_error_before_client_and_redirect_uri_are_known_is_never_sent_anywhere(string parameter, string? value)
    {
        var flow = stack.Flow();
        var request = ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PublicId);
        request[parameter] = value;
        request["prompt"] = "none";

        var page = await flow.AuthorizeAsync(request);
        Assert.Equal((HttpStatusCode.BadRequest, stack.Server.Port), (page.Status, page.Url.Port));
    }

    [Theory]
    [InlineData("state=again", false)]
    [InlineData("redirect_uri=https%3A%2F%2Fapp.example%2Fcallback", false)]
    [InlineData("client_id=web-app", false)]
    [InlineData("scope=openid", true)]
    [InlineData("code_challenge=other", true)]
    public async Task A_repeated_parameter_is_sent_back_only_where_it_does_not_say_where_to(string again, bool redirected)
    {
        var flow = stack.Flow();
        var page = await flow.Browser.GoAsync($"{Flow.AuthorizeUrl(ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PublicId))}&{again}");
        Assert.Equal(redirected ? "app.example" : "localhost", page.Url.Host);
        Assert.Equal(redirected ? "invalid_request" : null, page.Query("error"));
    }

    [Fact]
    public async Task A_client_that_nobody_configured_gets_no_error_before_the_person_acted()
    {
        var flow = stack.Flow();
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"));
        var request = flow.Request("launch:missiles");
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal((HttpStatusCode.BadRequest, stack.Server.Port), (page.Status, page.Url.Port));

        // Remembered consent is no act in this request.
        await flow.CodeAsync(flow.Request("mcp:tools"));
        page = await flow.AuthorizeAsync(request);
        Assert.Equal((HttpStatusCode.BadRequest, stack.Server.Port), (page.Status, page.Url.Port));
    }

    [Fact]
    public async Task With_prompt_none_every_client_gets_the_error()
    {
        var flow = stack.Flow();
        var request = flow.Request("launch:missiles");
        request["prompt"] = "none";
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(("invalid_scope", "the-state", stack.Server.Issuer), (page.Query("error"), page.Query("state"), page.Query("iss")));
        Assert.Equal(stack.Client.RedirectUri, page.Url.GetLeftPart(UriPartial.Path));
    }

    [Fact]
    public async Task A_client_whose_documents_host_is_allowed_gets_the_error_at_once()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings: ("ErrorRedirects:AllowedHosts:0", "localhost"));
        var flow = new Flow(server, stack.Client);
        var page = await flow.AuthorizeAsync(flow.Request("launch:missiles"));
        Assert.Equal(("invalid_scope", server.Issuer), (page.Query("error"), page.Query("iss")));
    }

    [Fact]
    public void An_allowed_host_that_is_no_host_stops_the_start()
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager { ["ErrorRedirects:AllowedHosts:0"] = "https://client.example" };
        Assert.Contains("ErrorRedirects:AllowedHosts", Assert.Throws<InvalidOperationException>(() => new Authorize.ErrorRedirects(configuration)).Message);
    }
}
