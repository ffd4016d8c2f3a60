using System.Net;
using System.Text.Json;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Registration;

/// <summary>What clients get that register (RFC 7591 §3.2.1).</summary>
public sealed class RegistrationTests(RegistrationServer fixture) : RegisteringTest(fixture), IClassFixture<RegistrationServer>
{
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
        Assert.Equal(Server.Time.GetUtcNow().ToUnixTimeSeconds(), answer.Json.GetProperty("client_id_issued_at").GetInt64());

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
        Assert.DoesNotContain(Server.Logs.Lines, line => line.Contains(one.Text("client_secret")!, StringComparison.Ordinal));

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
            var flow = new Flow(Server, client);
            Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync(flow.Request("mcp:tools"))).Status);
        }
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
        var flow = new Flow(Server, client);
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
        await using var other = await RunningAuthServer.StartAsync(Redis.ConnectionString, port: Server.Port, listen: FreePort.Next(), folder: Server.Folder, time: Server.Time);
        for (var round = 0; round < 3; round++)
        {
            var body = Public($"https://app.example/{round}");
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => RegisterAsync(body, (index % 2 == 0 ? Server : other).Client)));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
            Assert.Single(answers.Select(answer => answer.Text("client_id")).Distinct());
        }
    }

    [Fact]
    public async Task Where_it_is_off_there_is_no_endpoint_and_none_in_the_metadata()
    {
        await using var off = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings: [("Registration:Enabled", "false")]);
        Assert.Equal(HttpStatusCode.NotFound, (await RegisterAsync(Public(), off.Client)).Status);
        Assert.Null((await Answer.OfAsync(await off.Client.GetAsync("/.well-known/oauth-authorization-server", Cancel))).Text("registration_endpoint"));
        Assert.Equal(
            $"{Server.Issuer}/connect/register",
            (await Answer.OfAsync(await Server.Client.GetAsync("/.well-known/oauth-authorization-server", Cancel))).Text("registration_endpoint"));
    }

    [Fact]
    public async Task Any_origin_may_register()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/connect/register")
        {
            Headers = { { "Origin", "https://app.example" }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "content-type" } },
        };
        var response = await Server.Client.SendAsync(request, Cancel);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
    }
}
