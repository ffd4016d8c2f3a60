using System.Net;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.Documents;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Strangers;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

public sealed class DocumentLimitTests : IAsyncLifetime
{
    private readonly RedisServer _redis = new();

    private TestClient _client = null!;

    public async ValueTask InitializeAsync() => _client = await TestClient.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task One_address_makes_us_ask_for_so_many_documents_a_minute_and_replicas_count_together()
    {
        await using var server = await StartAsync(("ClientDocuments:AttemptsPerSource", "3"));
        await using var other = await RunningAuthServer.StartAsync(
            _redis.ConnectionString, server.Port, FreePort.Next(), server.Folder, server.Time, settings: [("ClientDocuments:AttemptsPerSource", "3")]);
        Assert.Equal("/sign-in", (await AuthorizeAsync(server)).Url.AbsolutePath);
        for (var document = 0; document < 5; document++)
        {
            await other.Client.GetAsync(Flow.AuthorizeUrl(RequestOf($"{_client.Id}?{document}", server)), TestContext.Current.CancellationToken);
        }

        Assert.Equal(3, _client.Requests);
        Assert.Contains("from this address", Detail(await AuthorizeAsync(server, $"{_client.Id}?more")));
        Assert.Equal("/sign-in", (await AuthorizeAsync(server)).Url.AbsolutePath);
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await AuthorizeAsync(server, $"{_client.Id}?more");
        Assert.Equal(4, _client.Requests);
    }

    [Fact]
    public async Task Who_waits_for_a_document_that_another_asked_for_counts_as_well()
    {
        await using var server = await StartAsync(("ClientDocuments:AttemptsPerSource", "1"));
        var asked = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        _client.Answer = async context =>
        {
            asked.TrySetResult();
            await go.Task;
            await context.Response.WriteAsJsonAsync(_client.Document, options: null, "application/json", TestContext.Current.CancellationToken);
        };
        var first = AuthorizeAsync(server);
        await asked.Task.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
        var second = AuthorizeAsync(server);
        await Task.WhenAny(second, Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        go.SetResult();
        Assert.Contains("from this address", Detail(await second));
        Assert.Equal("/sign-in", (await first).Url.AbsolutePath);
    }

    [Fact]
    public async Task One_address_makes_us_ask_for_so_many_key_sets_a_minute_and_another_for_its_own()
    {
        await using var server = await StartAsync(
        [
            ("ClientDocuments:AttemptsPerSource", "3"), ("ForwardedHeaders:KnownProxies:0", "127.0.0.1"),
            .. Enumerable.Range(1, 6).SelectMany(number => new[]
            {
                ($"Clients:{number}:ClientId", $"keyed-{number}"), ($"Clients:{number}:RedirectUris:0", _client.RedirectUri),
                ($"Clients:{number}:JwksUri", $"{_client.Origin}/oauth/jwks.json?{number}"),
            }),
        ]);
        for (var number = 1; number <= 3; number++)
        {
            Assert.Equal("invalid_grant", (await ProveAsync(server, $"keyed-{number}", "192.0.2.1")).Error);
        }

        var refused = await ProveAsync(server, "keyed-4", "192.0.2.1");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (refused.Status, refused.Error));
        Assert.Contains("from this address", refused.Text("error_description"));
        Assert.Equal("invalid_grant", (await ProveAsync(server, "keyed-1", "192.0.2.1")).Error);
        Assert.Equal(3, _client.KeyRequests);
        Assert.Equal("invalid_grant", (await ProveAsync(server, "keyed-4", "192.0.2.2")).Error);

        server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("invalid_grant", (await ProveAsync(server, "keyed-5", "192.0.2.1")).Error);
    }

    [Theory]
    [InlineData("ClientDocuments:AttemptsPerUrl", "/logo")]
    [InlineData("ClientDocuments:AttemptsPerSource", "/logo?")]
    public async Task Logos_are_asked_for_so_often_a_minute_of_one_url_and_from_one_address(string setting, string logo)
    {
        await using var server = await StartAsync((setting, "3"));
        var asked = 0;
        _client.Logo = context =>
        {
            asked++;
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        _client.Answer = context => context.Response.WriteAsJsonAsync(new Dictionary<string, object?>(_client.Document)
        {
            ["client_id"] = _client.Id + context.Request.QueryString,
            ["logo_uri"] = _client.Origin + logo + (logo.EndsWith('?') ? context.Request.QueryString.ToString()[1..] : ""),
        });
        for (var document = 0; document < 5; document++)
        {
            await AuthorizeAsync(server, $"{_client.Id}?{document}");
        }

        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Keys_that_are_wanted_anew_are_not_those_of_a_flight_that_began_before()
    {
        await using var server = await StartAsync();
        var keys = server.Scope().ServiceProvider.GetRequiredService<RemoteKeys>();
        var url = $"{_client.Origin}/oauth/jwks.json";
        await Task.WhenAll(
            keys.GetAsync(url, ClientSource.MetadataDocument, _client.Id), keys.RenewAsync(url, ClientSource.MetadataDocument, _client.Id));
        Assert.Equal(2, _client.KeyRequests);
    }

    [Fact]
    public async Task Unknown_kids_do_not_make_us_ask_for_a_document_without_end()
    {
        await using var server = await StartAsync();
        var flow = new Flow(server, _client);
        await flow.TokensAsync();
        var own = _client.Key;
        for (var attempt = 0; attempt < 15; attempt++)
        {
            _client.Key = TestClient.NewKey($"unknown-{attempt}");
            var assertion = _client.Assertion(server.Issuer, server.Time.GetUtcNow());
            _client.Key = own;
            var request = flow.CodeRequest("none");
            request["client_assertion"] = assertion;
            Assert.Equal("invalid_client", (await flow.TokenAsync(request)).Error);
        }

        Assert.Equal(11, _client.Requests);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync()).Status);
    }

    [Theory]
    [InlineData("ClientDocuments:DeniedHosts:0", "localhost", false)]
    [InlineData("ClientDocuments:AllowedHosts:0", "client.example.com", false)]
    [InlineData("ClientDocuments:AllowedHosts:0", "localhost", true)]
    public async Task Hosts_are_allowed_and_denied_by_configuration(string setting, string host, bool allowed)
    {
        await using var server = await StartAsync((setting, host));
        var page = await AuthorizeAsync(server);
        Assert.Equal(allowed ? "/sign-in" : "/connect/authorize", page.Url.AbsolutePath);
        Assert.Equal(allowed ? 1 : 0, _client.Requests);
        if (!allowed)
        {
            Assert.Contains("not allowed", Detail(page));
        }
    }

    [Fact]
    public async Task A_host_that_is_denied_later_is_refused_though_its_document_is_fresh()
    {
        await using (var server = await StartAsync())
        {
            Assert.Equal("/sign-in", (await AuthorizeAsync(server)).Url.AbsolutePath);
            await using var later = await RunningAuthServer.StartAsync(
                _redis.ConnectionString, folder: server.Folder, time: server.Time, settings: [("ClientDocuments:DeniedHosts:0", "localhost")]);
            Assert.Contains("not allowed", Detail(await AuthorizeAsync(later)));
        }
    }

    [Theory]
    [InlineData("*.example.com", "https://a.example.com/c", true)]
    [InlineData("*.example.com", "https://a.b.example.com/c", true)]
    [InlineData("*.example.com", "https://example.com/c", false)]
    [InlineData("*.example.com", "https://badexample.com/c", false)]
    [InlineData("example.com", "https://EXAMPLE.com/c", true)]
    [InlineData("example.com", "https://a.example.com/c", false)]
    public void A_pattern_stands_for_what_is_below_it(string pattern, string clientId, bool allowed)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ClientDocuments:AllowedHosts:0", pattern)]).Build();
        var refusal = Record.Exception(() => new DocumentHosts(DocumentOptions.From(configuration)).Check(new Uri(clientId)));
        Assert.Equal(allowed, refusal is null);
    }

    [Fact]
    public async Task Documents_that_nobody_uses_are_a_bounded_number_and_go_after_a_day()
    {
        await using var server = await StartAsync(("Strangers:MostUnused", "1"));
        await AuthorizeAsync(server);
        await using var second = await TestClient.StartAsync();
        Assert.Equal("/sign-in", (await new Flow(server, second).AuthorizeAsync()).Url.AbsolutePath);
        Assert.Equal([second.Id], await StrangersAsync(server));

        await new Flow(server, second).TokensAsync();
        Assert.Equal("/sign-in", (await AuthorizeAsync(server)).Url.AbsolutePath);
        server.Time.Advance(TimeSpan.FromHours(25));
        using (var scope = server.Scope())
        {
            await scope.ServiceProvider.GetRequiredService<StrangerPruning>().PruneAsync(
                scope.ServiceProvider.GetRequiredService<AuthDbContext>(), server.Time.GetUtcNow(), TestContext.Current.CancellationToken);
        }

        Assert.Equal([second.Id], await StrangersAsync(server));
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("redirects")]
    [InlineData("name")]
    public async Task Changed_redirect_uris_or_keys_void_the_remembered_consent(string change)
    {
        await using var server = await StartAsync();
        var flow = new Flow(server, _client);
        await flow.ToClientAsync();
        Assert.NotNull((await flow.AuthorizeAsync()).Query("code"));

        switch (change)
        {
            case "keys":
                _client.Key = TestClient.NewKey("two");
                _client.Document["jwks"] = _client.Keys;
                break;
            case "redirects":
                _client.Document["redirect_uris"] = new[] { _client.RedirectUri, _client.RedirectUri + "/two" };
                break;
            default:
                _client.Document["client_name"] = "Another name";
                break;
        }

        server.Time.Advance(TimeSpan.FromMinutes(6));
        var page = await flow.AuthorizeAsync();
        Assert.Equal(change == "name", page.Query("code") is not null);
        if (change != "name")
        {
            Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
            Assert.NotNull((await flow.AllowAsync(page)).Query("code"));
            Assert.NotNull((await flow.AuthorizeAsync()).Query("code"));
        }
    }

    private Task<RunningAuthServer> StartAsync(params (string, string)[] settings) => RunningAuthServer.StartAsync(_redis.ConnectionString, settings: settings);

    /// <summary>A token request of a client with the key, from an address; its code is none, which is found last.</summary>
    private async Task<Answer> ProveAsync(RunningAuthServer server, string clientId, string address)
    {
        var fields = new Flow(server, _client).CodeRequest("none");
        fields["client_id"] = clientId;
        fields["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        fields["client_assertion"] = TestClient.Assertion(clientId, _client.Key, server.Issuer, server.Time.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent(fields!),
            Headers = { { "X-Forwarded-For", address } },
        };
        return await Answer.OfAsync(await server.Client.SendAsync(request, TestContext.Current.CancellationToken));
    }

    private Dictionary<string, string?> RequestOf(string clientId, RunningAuthServer server)
    {
        var request = new Flow(server, _client).Request();
        request["client_id"] = clientId;
        return request;
    }

    private Task<Page> AuthorizeAsync(RunningAuthServer server, string? clientId = null) =>
        new Flow(server, _client).AuthorizeAsync(RequestOf(clientId ?? _client.Id, server));

    private static string Detail(Page page) => page.Html.QuerySelector("[data-testid=error-detail]")!.TextContent;

    private static async Task<string[]> StrangersAsync(RunningAuthServer server)
    {
        using var scope = server.Scope();
        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().StrangerClients
            .Select(client => client.ClientId).ToArrayAsync(TestContext.Current.CancellationToken);
    }
}
