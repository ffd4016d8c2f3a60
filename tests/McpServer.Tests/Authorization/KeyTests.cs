using System.Net;
using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Authorization;

public sealed class KeyTests
{
    private const string Document = "/.well-known/oauth-authorization-server";

    [Fact]
    public async Task While_the_authorization_server_is_away_at_start_tokens_get_503_and_then_recover()
    {
        await using var host = new HostWithoutAuthorizationServer();
        await host.InitializeAsync();

        using (var response = await host.SendAsync(McpRequests.Echo(host.Token())))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
            Assert.Empty(response.Headers.WwwAuthenticate);
            Assert.Equal("temporarily_unavailable", (string?)(await response.JsonAsync())["error"]);
        }

        using (var response = await host.SendAsync(McpRequests.Echo(token: null)))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        using (var response = await host.SendAsync(McpRequests.Echo(host.GoodToken().Unsigned())))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        using (var response = await host.Http.GetAsync(Document, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        }

        await host.AuthorizationServer.StartAsync();
        host.Time.Advance(SharedFetch<object>.FailurePause);

        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));
        using (var response = await host.Http.GetAsync(Document, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_rotated_key_is_fetched_with_the_first_token_that_it_signed()
    {
        await using var host = await StartedAsync();
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));
        host.AuthorizationServer.Keys.Insert(0, SigningKey.Es256());
        host.Time.Advance(IssuerKeys.UnknownKeyPause);
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));
        Assert.Equal(2, host.AuthorizationServer.KeyRequests);
    }

    [Fact]
    public async Task Unknown_keys_are_asked_for_once_in_a_while_whoever_sends_them()
    {
        await using var host = await StartedAsync();
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));
        host.Time.Advance(IssuerKeys.UnknownKeyPause);
        for (var i = 0; i < 5; i++)
        {
            using var stranger = SigningKey.Es256();
            using var response = await host.SendAsync(McpRequests.Echo(host.GoodToken().Sign(stranger)));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Contains("does not publish", response.Challenge(), StringComparison.Ordinal);
        }

        Assert.Equal(2, host.AuthorizationServer.KeyRequests);
    }

    [Fact]
    public async Task A_token_of_another_issuer_or_kind_never_makes_us_ask_for_keys()
    {
        await using var host = await StartedAsync();
        using var stranger = SigningKey.Es256();
        foreach (var change in (Action<Jwt>[])[jwt => jwt.Payload["iss"] = "https://other.example", jwt => jwt.Header["typ"] = "JWT"])
        {
            var jwt = host.GoodToken();
            change(jwt);
            using var response = await host.SendAsync(McpRequests.Echo(jwt.Sign(stranger)));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        Assert.Equal(0, host.AuthorizationServer.KeyRequests);
    }

    [Fact]
    public async Task While_the_authorization_server_is_away_known_keys_serve_and_unknown_ones_get_503()
    {
        await using var host = await StartedAsync();
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));
        await host.AuthorizationServer.StopAsync();
        host.Time.Advance(IssuerKeys.RefreshAge);
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));

        host.AuthorizationServer.Keys.Insert(0, SigningKey.Es256());
        host.Time.Advance(SharedFetch<object>.FailurePause);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await EchoAsync(host));

        await host.AuthorizationServer.StartAsync();
        host.Time.Advance(SharedFetch<object>.FailurePause);
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));
    }

    [Fact]
    public async Task A_withdrawn_key_is_forgotten()
    {
        await using var host = await StartedAsync();
        var withdrawn = host.AuthorizationServer.Keys[0];
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));
        host.AuthorizationServer.Keys.Remove(withdrawn);
        host.Time.Advance(IssuerKeys.MaxAge);
        using var response = await host.SendAsync(McpRequests.Echo(host.GoodToken().Sign(withdrawn)));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        withdrawn.Dispose();
    }

    [Fact]
    public async Task A_document_of_another_issuer_is_not_used()
    {
        await using var host = await StartedAsync();
        host.AuthorizationServer.ClaimedIssuer = host.AuthorizationServer.Issuer + "/";
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await EchoAsync(host));
        using var response = await host.Http.GetAsync(Document, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("another issuer", (string?)(await response.JsonAsync())["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    public async Task Keys_that_are_no_key_set_are_an_authorization_server_that_is_away(string text)
    {
        await using var host = await StartedAsync();
        host.AuthorizationServer.KeysText = text;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await EchoAsync(host));
        host.AuthorizationServer.KeysText = null;
        host.Time.Advance(SharedFetch<object>.FailurePause);
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host));
    }

    [Fact]
    public async Task Many_calls_at_once_fetch_the_keys_once()
    {
        await using var host = await StartedAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => EchoAsync(host)));
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, host.AuthorizationServer.KeyRequests);
    }

    private static async Task<McpServerHost> StartedAsync()
    {
        var host = new McpServerHost();
        await host.InitializeAsync();
        return host;
    }

    private static async Task<HttpStatusCode> EchoAsync(McpServerHost host)
    {
        using var response = await host.SendAsync(McpRequests.Echo(host.Token()));
        return response.StatusCode;
    }

    private sealed class HostWithoutAuthorizationServer : McpServerHost
    {
        protected override bool AuthorizationServerRuns => false;
    }
}
