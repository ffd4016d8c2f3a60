using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using McpAspire.AuthServer.Limits;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Strangers;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

public sealed class RegistrationTests : IAsyncLifetime
{
    private const string Redirect = "https://app.example/cb";

    private readonly RedisServer _redis = new();

    private RunningAuthServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningAuthServer.StartAsync(_redis.ConnectionString);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task A_public_client_registers_and_gets_tokens_and_the_answer_says_all_that_stands()
    {
        var answer = await RegisterTextAsync(
            """
            {
              "client_name": "App",
              "redirect_uris": ["https://app.example/cb"],
              "token_endpoint_auth_method": "none",
              "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
              "response_types": ["code", "id_token"],
              "scope": "notes:write launch:missiles",
              "logo_uri": "https://app.example/logo.png",
              "backchannel_logout_uri": "https://app.example/logout",
              "backchannel_logout_session_required": true,
              "something_else": 7
            }
            """);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("no-store", answer.Response.Headers.CacheControl!.ToString());
        Assert.Equal(
            "application_type client_id client_id_issued_at client_name grant_types redirect_uris response_types scope token_endpoint_auth_method",
            string.Join(' ', answer.Json.EnumerateObject().Select(member => member.Name).Order()));
        Assert.Equal("notes:read notes:write", answer.Text("scope"));
        Assert.Equal(["authorization_code", "refresh_token"], List(answer, "grant_types"));
        Assert.Equal(["code"], List(answer, "response_types"));
        Assert.Equal([Redirect], List(answer, "redirect_uris"));
        Assert.Equal(("none", "web", "App"), (answer.Text("token_endpoint_auth_method"), answer.Text("application_type"), answer.Text("client_name")));
        Assert.Equal(_server.Time.GetUtcNow().ToUnixTimeSeconds(), answer.Json.GetProperty("client_id_issued_at").GetInt64());

        var tokens = await TokensAsync(answer.Text("client_id")!, Redirect, scope: "notes:write");
        Assert.Equal(answer.Text("client_id"), tokens.Access.GetClaim("client_id").Value);
        Assert.NotNull(tokens.RefreshToken);
    }

    [Fact]
    public async Task An_id_never_looks_like_a_url() =>
        Assert.DoesNotContain(':', (await RegisterAsync(Public())).Text("client_id")!);

    [Theory]
    [InlineData("client_secret_basic")]
    [InlineData("client_secret_post")]
    [InlineData(null)]
    public async Task A_confidential_client_always_gets_a_new_id_and_a_secret_that_only_the_answer_shows(string? method)
    {
        object body = method is null ? new { redirect_uris = new[] { Redirect } } : new { redirect_uris = new[] { Redirect }, token_endpoint_auth_method = method };
        var one = await RegisterAsync(body);
        var two = await RegisterAsync(body);
        Assert.NotEqual(one.Text("client_id"), two.Text("client_id"));
        Assert.NotEqual(one.Text("client_secret"), two.Text("client_secret"));
        Assert.Equal(method ?? "client_secret_basic", one.Text("token_endpoint_auth_method"));
        Assert.Equal(0, one.Json.GetProperty("client_secret_expires_at").GetInt64());
        Assert.Equal(43, one.Text("client_secret")!.Length);
        Assert.DoesNotContain(_server.Logs.Lines, line => line.Contains(one.Text("client_secret")!, StringComparison.Ordinal));

        Assert.Equal("invalid_client", (await RedeemAsync(one.Text("client_id")!, Redirect, two.Text("client_secret"))).Error);
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(one.Text("client_id")!, Redirect, one.Text("client_secret"))).Status);
    }

    [Fact]
    public async Task A_client_with_keys_registers_and_proves_itself_with_them()
    {
        await using var client = await TestClient.StartAsync();
        foreach (var at in new object[] { new { jwks = client.Keys }, new { jwks_uri = $"{client.Origin}/oauth/jwks.json" } })
        {
            var body = JsonSerializer.SerializeToNode(at)!.AsObject();
            body["redirect_uris"] = new System.Text.Json.Nodes.JsonArray(client.RedirectUri);
            body["token_endpoint_auth_method"] = "private_key_jwt";
            var answer = await RegisterAsync(body);
            Assert.Equal(HttpStatusCode.Created, answer.Status);
            Assert.Null(answer.Text("client_secret"));
            client.Id = answer.Text("client_id")!;
            var flow = new Flow(_server, client);
            Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync(flow.Request("mcp:tools"))).Status);
        }
    }

    [Theory]
    [InlineData("http://127.0.0.2:8123/cb")]
    [InlineData("http://2130706433/cb")]
    [InlineData("http://127.1/cb")]
    [InlineData("http://0x7f.1/cb")]
    [InlineData("http://[::ffff:127.0.0.1]/cb")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/cb")]
    [InlineData("http://app.localhost/cb")]
    public async Task Loopback_is_localhost_127_0_0_1_and_1_of_IPv6_as_they_are_written_so(string redirect)
    {
        var answer = await RegisterTextAsync(JsonSerializer.Serialize(new { redirect_uris = new[] { redirect } }));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_redirect_uri"), (answer.Status, answer.Error));
        Assert.Contains("http on localhost, 127.0.0.1 or [::1]", answer.Text("error_description"));
    }

    [Theory]
    [InlineData("[]", "it must be a JSON object")]
    [InlineData("{", "it must be a JSON object")]
    [InlineData("""{"redirect_uris":["https://a.example/cb",7]}""", "'redirect_uris' must be a list of strings")]
    [InlineData("""{"client_name":7}""", "'client_name' must be a string")]
    [InlineData("""{"backchannel_logout_session_required":"yes"}""", "'backchannel_logout_session_required' must be true or false")]
    public async Task Metadata_of_another_shape_are_refused_by_the_name_of_the_member(string metadata, string says)
    {
        var answer = await RegisterTextAsync(metadata);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
        Assert.Contains(says, answer.Text("error_description"));
    }

    [Theory]
    [InlineData("""["authorization_code"]""", "mcp:tools notes:read notes:write openid profile email roles")]
    [InlineData("""["authorization_code","refresh_token"]""", "mcp:tools notes:read notes:write openid profile email roles offline_access")]
    public async Task Only_who_has_refresh_tokens_is_told_that_it_may_stay_connected(string grants, string scope)
    {
        await using var client = await TestClient.StartAsync();
        var answer = await RegisterTextAsync($$"""{"redirect_uris":["{{client.RedirectUri}}"],"grant_types":{{grants}},"token_endpoint_auth_method":"none"}""");
        Assert.Equal(scope, answer.Text("scope"));
        client.Id = answer.Text("client_id")!;
        var flow = new Flow(_server, client);
        var page = await flow.AuthorizeAsync(flow.Request("mcp:tools offline_access"));
        var detail = page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent;
        Assert.Equal(scope.Contains("offline_access", StringComparison.Ordinal), detail is null);
        Assert.True(detail is null || detail.StartsWith("invalid_scope: The application did not register for: offline_access. For offline_access it must register the grant type refresh_token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_comes_by_exchange_alone_can_not_be_registered()
    {
        var answer = await RegisterTextAsync("""{"redirect_uris":["https://a.example/cb"],"scope":"profile:read mcp:tools"}""");
        Assert.Equal("mcp:tools", answer.Text("scope"));
        Assert.Equal("invalid_client_metadata", (await RegisterTextAsync("""{"redirect_uris":["https://a.example/cb"],"scope":"profile:read"}""")).Error);
    }

    [Fact]
    public async Task A_key_set_that_is_registered_has_32_KB_at_most_as_one_that_is_fetched()
    {
        await using var client = await TestClient.StartAsync();
        var body = new System.Text.Json.Nodes.JsonObject
        {
            ["redirect_uris"] = new System.Text.Json.Nodes.JsonArray(client.RedirectUri),
            ["jwks"] = JsonSerializer.SerializeToNode(client.Keys),
        };
        body["jwks"]!["padding"] = new string('x', 32 * 1024);
        var answer = await RegisterAsync(body);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
        Assert.Contains("larger than 32768 bytes", answer.Text("error_description"));
    }

    [Theory]
    [InlineData("[\"https://a.example/cb#x\"]", "invalid_redirect_uri", "fragment")]
    [InlineData("[\"http://a.example/cb\"]", "invalid_redirect_uri", "https")]
    [InlineData("[\"javascript:alert(1)\"]", "invalid_redirect_uri", "scheme")]
    [InlineData("[\"myapp:/cb\"]", "invalid_redirect_uri", "dot")]
    [InlineData("[\"https://a.example/\\u00fc\"]", "invalid_redirect_uri", "percent-encode")]
    [InlineData("[\"https://b\\u00fccher.example/cb\"]", "invalid_redirect_uri", "xn--")]
    [InlineData("[\"http://localhost:8000/cb\\n\"]", "invalid_redirect_uri", "percent-encode")]
    [InlineData("[\"https:/\\\\a.example/cb\"]", "invalid_redirect_uri", "percent-encode")]
    [InlineData("[\"https://a.example/<cb>\"]", "invalid_redirect_uri", "percent-encode")]
    [InlineData("[]", "invalid_redirect_uri", "redirect_uris")]
    [InlineData("null", "invalid_redirect_uri", "redirect_uris")]
    [InlineData("\"https://a.example/cb\"", "invalid_client_metadata", "redirect_uris")]
    public async Task A_redirect_uri_that_may_not_be_registered_is_refused_by_its_own_error(string redirects, string error, string says)
    {
        var answer = await RegisterTextAsync($$"""{"redirect_uris":{{redirects}}}""");
        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, answer.Error));
        Assert.Contains(says, answer.Text("error_description"));
    }

    [Theory]
    [InlineData("""{"grant_types":["implicit"]}""", "authorization_code")]
    [InlineData("""{"grant_types":["refresh_token"]}""", "authorization_code")]
    [InlineData("""{"response_types":["token"]}""", "response type code")]
    [InlineData("""{"scope":"launch:missiles"}""", "mcp:tools")]
    [InlineData("""{"token_endpoint_auth_method":"client_secret_jwt"}""", "client_secret_basic")]
    [InlineData("""{"token_endpoint_auth_method":"private_key_jwt"}""", "jwks")]
    [InlineData("""{"jwks_uri":"https://a.example/jwks","jwks":{"keys":[]}}""", "not both")]
    [InlineData("""{"jwks":{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}}""", "public keys")]
    [InlineData("""{"jwks":{"keys":[{"kty":"RSA","n":"","e":""}]}}""", "RSA key of 2048 to 4096 bits")]
    [InlineData("""{"jwks":{"keys":[{"kty":"EC","crv":"","x":"","y":""}]}}""", "RSA key of 2048 to 4096 bits")]
    public async Task What_leaves_nothing_usable_is_refused_and_says_what_to_change(string metadata, string says)
    {
        var body = System.Text.Json.Nodes.JsonNode.Parse(metadata)!.AsObject();
        body["redirect_uris"] = new System.Text.Json.Nodes.JsonArray(Redirect);
        var answer = await RegisterAsync(body);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
        Assert.Contains(says, answer.Text("error_description"));
    }

    [Fact]
    public async Task A_host_that_no_name_system_knows_is_refused()
    {
        var answer = await RegisterAsync(new { redirect_uris = new[] { Redirect, $"https://{new string('\u00FC', 64)}.example/cb" } });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_redirect_uri"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task Who_registers_gets_nothing_of_what_the_operator_lets_pass_and_a_configured_client_does()
    {
        const string inside = "http://inside.example:8080/keys";
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
        [
            ("PublicUrl", "https://as.example"), ("Outbound:TrustedHosts:0", "inside.example:8080"),
            ("Clients:0:ClientId", "configured"), ("Clients:0:RedirectUris:0", Redirect), ("Clients:0:JwksUri", inside), ("Clients:0:BackChannelLogoutUri", inside),
        ]);
        server.Client.DefaultRequestHeaders.Host = "as.example";
        var answer = await RegisterAsync(new { redirect_uris = new[] { Redirect }, jwks_uri = inside }, server.Client);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
        Assert.Contains("https", answer.Text("error_description"));
    }

    [Theory]
    [InlineData("not json", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("null", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("redirect_uris=x", "application/x-www-form-urlencoded", HttpStatusCode.BadRequest)]
    public async Task What_is_no_json_object_is_refused(string text, string contentType, HttpStatusCode status)
    {
        var answer = await RegisterTextAsync(text, contentType);
        Assert.Equal((status, "invalid_client_metadata"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task A_body_over_64_KB_is_refused()
    {
        var answer = await RegisterTextAsync($$"""{"redirect_uris":["{{Redirect}}"],"padding":"{{new string('x', 70_000)}}"}""");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "invalid_request"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("web", "http://127.0.0.1:1234/cb", "native")]
    [InlineData("web", "cursor://anysphere.cursor-mcp/oauth/callback", "native")]
    [InlineData("web", Redirect, "web")]
    [InlineData("native", Redirect, "native")]
    [InlineData(null, Redirect, "web")]
    public async Task A_client_whose_redirects_all_stay_on_the_device_is_native_whatever_it_says(string? says, string redirect, string stands)
    {
        var answer = await RegisterAsync(new { redirect_uris = new[] { redirect }, application_type = says });
        Assert.Equal(stands, answer.Text("application_type"));
        if (redirect != Redirect)
        {
            Assert.Equal("none", answer.Text("token_endpoint_auth_method"));
        }
    }

    [Fact]
    public async Task The_port_of_a_native_client_is_free_and_two_spellings_of_one_uri_both_stand()
    {
        var answer = await RegisterTextAsync("""{"redirect_uris":["http://127.0.0.1:33418","http://127.0.0.1:33418/"],"token_endpoint_auth_method":"none"}""");
        Assert.Equal(["http://127.0.0.1:33418", "http://127.0.0.1:33418/"], List(answer, "redirect_uris"));
        foreach (var redirect in new[] { "http://127.0.0.1:33418", "http://127.0.0.1:33418/", "http://127.0.0.1:49152/" })
        {
            Assert.NotNull((await TokensAsync(answer.Text("client_id")!, redirect)).AccessToken);
        }
    }

    [Fact]
    public async Task The_same_public_client_again_has_the_same_id_whatever_the_order()
    {
        var one = await RegisterTextAsync(
            """{"redirect_uris":["https://app.example/cb","https://app.example/two"],"token_endpoint_auth_method":"none","scope":"notes:read mcp:tools"}""");
        var two = await RegisterTextAsync(
            """{"scope":"mcp:tools notes:read","redirect_uris":["https://app.example/two","https://app.example/cb"],"unknown":1,"token_endpoint_auth_method":"none"}""");
        var other = await RegisterTextAsync("""{"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"none","scope":"notes:read mcp:tools"}""");
        Assert.Equal(one.Text("client_id"), two.Text("client_id"));
        Assert.NotEqual(one.Text("client_id"), other.Text("client_id"));
        Assert.Null(two.Text("client_secret"));
        Assert.Null(two.Text("registration_access_token"));
    }

    [Fact]
    public async Task Two_processes_that_are_asked_at_once_give_one_public_client_one_id()
    {
        await using var other = await RunningAuthServer.StartAsync(_redis.ConnectionString, port: _server.Port, listen: FreePort.Next(), folder: _server.Folder, time: _server.Time);
        for (var round = 0; round < 3; round++)
        {
            var body = Public($"https://app.example/{round}");
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => RegisterAsync(body, (index % 2 == 0 ? _server : other).Client)));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
            Assert.Single(answers.Select(answer => answer.Text("client_id")).Distinct());
        }
    }

    [Fact]
    public async Task Thirty_a_minute_may_register_from_one_address_and_the_same_client_again_does_not_count()
    {
        for (var index = 0; index < 30; index++)
        {
            Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public($"https://app.example/{index}"))).Status);
        }

        var refused = await RegisterAsync(Public("https://app.example/one-more"));
        Assert.Equal((HttpStatusCode.TooManyRequests, "temporarily_unavailable"), (refused.Status, refused.Error));
        Assert.InRange(refused.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await RegisterTextAsync("not json")).Status);
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public("https://app.example/7"))).Status);

        _server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public("https://app.example/one-more"))).Status);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::", "2001:db8:1:2::/64")]
    public void Addresses_are_counted_by_their_network(string address, string network) =>
        Assert.Equal(network, RequestSource.Of(IPAddress.Parse(address)));

    [Fact]
    public async Task Where_it_is_off_there_is_no_endpoint_and_none_in_the_metadata()
    {
        await using var off = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings: [("Registration:Enabled", "false")]);
        Assert.Equal(HttpStatusCode.NotFound, (await RegisterAsync(Public(), off.Client)).Status);
        Assert.Null((await Answer.OfAsync(await off.Client.GetAsync("/.well-known/oauth-authorization-server", Cancel))).Text("registration_endpoint"));
        Assert.Equal(
            $"{_server.Issuer}/connect/register",
            (await Answer.OfAsync(await _server.Client.GetAsync("/.well-known/oauth-authorization-server", Cancel))).Text("registration_endpoint"));
    }

    [Fact]
    public async Task Any_origin_may_register()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/connect/register")
        {
            Headers = { { "Origin", "https://app.example" }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "content-type" } },
        };
        var response = await _server.Client.SendAsync(request, Cancel);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Unused_ones_go_after_a_day_and_who_registers_again_has_another_day()
    {
        var gone = (await RegisterAsync(Public("https://app.example/gone"))).Text("client_id")!;
        var again = (await RegisterAsync(Public("https://app.example/again"))).Text("client_id")!;
        var used = (await RegisterAsync(Public(Redirect))).Text("client_id")!;
        await TokensAsync(used, Redirect);
        _server.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(again, (await RegisterAsync(Public("https://app.example/again"))).Text("client_id"));
        _server.Time.Advance(TimeSpan.FromHours(2));
        await PruneAsync();
        Assert.Equal([.. new[] { again, used }.Order()], (await StrangersAsync()).Order());
        Assert.Equal(HttpStatusCode.BadRequest, (await AuthorizeAsync(gone, "https://app.example/gone")).Status);
        Assert.NotEqual(gone, (await RegisterAsync(Public("https://app.example/gone"))).Text("client_id"));
    }

    [Fact]
    public async Task Idle_ones_go_with_consents_and_ended_grants_and_never_while_a_grant_lives()
    {
        await _server.DisposeAsync();
        _server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings: [("Strangers:IdleLifetime", "1.00:00:00")]);
        var idle = (await RegisterAsync(Public(Redirect))).Text("client_id")!;
        await TokensAsync(idle, Redirect);
        _server.Time.Advance(TimeSpan.FromDays(3));
        await PruneAsync();
        Assert.Equal([idle], await StrangersAsync());

        using (var scope = _server.Scope())
        {
            var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
            await database.Grants.ExecuteUpdateAsync(row => row.SetProperty(grant => grant.EndedAt, _server.Time.GetUtcNow()), Cancel);
        }

        await PruneAsync();
        Assert.Empty(await StrangersAsync());
        using var after = _server.Scope();
        var rows = after.ServiceProvider.GetRequiredService<AuthDbContext>();
        Assert.False(await rows.Clients.AnyAsync(client => client.ClientId == idle, Cancel));
        Assert.False(await rows.Grants.AnyAsync(grant => grant.ClientId == idle, Cancel));
        Assert.False(await rows.Consents.AnyAsync(consent => consent.ClientId == idle, Cancel));
    }

    [Fact]
    public async Task A_use_is_written_down_once_a_day()
    {
        var clientId = (await RegisterAsync(Public(Redirect))).Text("client_id")!;
        Assert.Null(await LastUsedAsync(clientId));
        await TokensAsync(clientId, Redirect);
        var first = await LastUsedAsync(clientId);
        Assert.Equal(_server.Time.GetUtcNow(), first!.Value, TimeSpan.FromSeconds(1));
        _server.Time.Advance(TimeSpan.FromHours(5));
        await TokensAsync(clientId, Redirect);
        Assert.Equal(first, await LastUsedAsync(clientId));
        _server.Time.Advance(TimeSpan.FromHours(20));
        await TokensAsync(clientId, Redirect);
        Assert.Equal(_server.Time.GetUtcNow(), (await LastUsedAsync(clientId))!.Value, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Where_there_is_no_room_the_oldest_unused_one_goes_once_it_is_an_hour_old()
    {
        await using var small = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings: [("Strangers:MostUnused", "2")]);
        var oldest = (await RegisterAsync(Public("https://app.example/1"), small.Client)).Text("client_id");
        await RegisterAsync(Public("https://app.example/2"), small.Client);
        var full = await RegisterAsync(Public("https://app.example/3"), small.Client);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (full.Status, full.Error));
        Assert.NotNull(full.Response.Headers.RetryAfter);
        Assert.Equal(oldest, (await RegisterAsync(Public("https://app.example/1"), small.Client)).Text("client_id"));

        small.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public("https://app.example/3"), small.Client)).Status);
        using var scope = small.Scope();
        Assert.Equal(2, await scope.ServiceProvider.GetRequiredService<AuthDbContext>().StrangerClients.CountAsync(Cancel));
    }

    [Fact]
    public async Task Nobody_keeps_it_full_by_registering_the_same_again_and_again()
    {
        await using var small = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings: [("Strangers:MostUnused", "2")]);
        foreach (var minutes in new[] { 30, 31 })
        {
            await RegisterAsync(Public("https://app.example/1"), small.Client);
            await RegisterAsync(Public("https://app.example/2"), small.Client);
            small.Time.Advance(TimeSpan.FromMinutes(minutes));
        }

        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public("https://app.example/3"), small.Client)).Status);
    }

    [Theory]
    [InlineData("Registration:PerMinute", "0")]
    [InlineData("Strangers:UnusedLifetime", "00:00:01")]
    [InlineData("Strangers:MostUnused", "0")]
    [InlineData("RedirectUris:PrivateUseSchemes:0", "javascript")]
    [InlineData("RedirectUris:PrivateUseSchemes:0", "no scheme")]
    [InlineData("ClientDocuments:AllowedHosts:0", "https://client.example")]
    public async Task A_setting_that_makes_no_sense_stops_the_start(string setting, string value)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(_redis.ConnectionString, settings: [(setting, value)]));
        Assert.Contains(setting.Split(':')[0], refusal.Message);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static object Public(string redirect = Redirect) => new { redirect_uris = new[] { redirect }, token_endpoint_auth_method = "none" };

    private static IEnumerable<string?> List(Answer answer, string name) => answer.Json.GetProperty(name).EnumerateArray().Select(item => item.GetString());

    private async Task<Answer> RegisterAsync(object body, HttpClient? http = null) =>
        await Answer.OfAsync(await (http ?? _server.Client).PostAsJsonAsync("/connect/register", body, Cancel));

    private async Task<Answer> RegisterTextAsync(string text, string contentType = "application/json")
    {
        using var content = new StringContent(text, Encoding.UTF8, contentType);
        return await Answer.OfAsync(await _server.Client.PostAsync("/connect/register", content, Cancel));
    }

    private async Task<Page> AuthorizeAsync(string clientId, string redirect) => await FlowOf(clientId, redirect).AuthorizeAsync();

    private Flow FlowOf(string clientId, string redirect) => new(_server, new TestClient { Id = clientId, RedirectUri = redirect });

    private async Task<Answer> TokensAsync(string clientId, string redirect, string scope = "mcp:tools") =>
        await RedeemAsync(clientId, redirect, secret: null, scope) is { Status: HttpStatusCode.OK } answer
            ? answer
            : throw new InvalidOperationException("No tokens.");

    private async Task<Answer> RedeemAsync(string clientId, string redirect, string? secret, string scope = "mcp:tools")
    {
        var flow = FlowOf(clientId, redirect);
        var fields = flow.CodeRequest(await flow.CodeAsync(flow.Request(scope)));
        fields["client_id"] = clientId;
        if (secret is not null)
        {
            fields["client_secret"] = secret;
        }

        return await Answer.OfAsync(await _server.Client.PostAsync("/connect/token", new FormUrlEncodedContent(fields!), Cancel));
    }

    private async Task PruneAsync()
    {
        using var scope = _server.Scope();
        await scope.ServiceProvider.GetRequiredService<StrangerPruning>().PruneAsync(
            scope.ServiceProvider.GetRequiredService<AuthDbContext>(), _server.Time.GetUtcNow(), Cancel);
    }

    private async Task<string[]> StrangersAsync()
    {
        using var scope = _server.Scope();
        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().StrangerClients.Select(client => client.ClientId).ToArrayAsync(Cancel);
    }

    private async Task<DateTimeOffset?> LastUsedAsync(string clientId)
    {
        using var scope = _server.Scope();
        return (await scope.ServiceProvider.GetRequiredService<AuthDbContext>().StrangerClients.SingleAsync(client => client.ClientId == clientId, Cancel)).LastUsedAt;
    }
}
