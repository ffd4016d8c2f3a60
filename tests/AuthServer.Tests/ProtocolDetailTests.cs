using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Dom;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>Small rules of the RFCs that no other class is about; docs/clauses.md says which.</summary>
public sealed class ProtocolDetailTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task A_secret_may_come_by_Basic_and_a_wrong_one_is_answered_with_the_scheme()
    {
        const string secret = "a configured secret of 32 characters or more";
        await using var server = await RunningAuthServer.StartAsync(
            stack.Redis.ConnectionString,
            settings: [("Clients:1:ClientId", "web"), ("Clients:1:Name", "Web"), ("Clients:1:Secret", secret), ("Clients:1:RedirectUris:0", "https://web.example/cb")]);
        var flow = new Flow(server, stack.Client);
        var request = flow.Request("mcp:tools");
        request["client_id"] = "web";
        request["redirect_uri"] = "https://web.example/cb";
        var redeem = flow.CodeRequest(await flow.CodeAsync(request));
        redeem["redirect_uri"] = "https://web.example/cb";

        async Task<Answer> ByBasicAsync(string given)
        {
            using var post = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
            {
                Content = new FormUrlEncodedContent(redeem!),
                Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"web:{Uri.EscapeDataString(given)}"))) },
            };
            return await Answer.OfAsync(await server.Client.SendAsync(post, TestContext.Current.CancellationToken));
        }

        var refused = await ByBasicAsync("wrong");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (refused.Status, refused.Error));
        Assert.Contains(refused.Response.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Basic");
        Assert.Equal(HttpStatusCode.OK, (await ByBasicAsync(secret)).Status);
    }

    [Fact]
    public async Task An_empty_parameter_counts_as_left_out_and_an_unknown_one_is_ignored()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        foreach (var name in new[] { "scope", "resource", "prompt", "max_age", "login_hint" })
        {
            request[name] = "";
        }

        request["launch"] = "missiles";
        var redeem = flow.CodeRequest(await flow.CodeAsync(request));
        redeem["scope"] = redeem["resource"] = "";
        redeem["launch"] = "missiles";
        var answer = await flow.TokenAsync(redeem);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("mcp:tools", answer.Access.GetClaim("scope").Value);
    }

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/revoke")]
    public async Task What_takes_credentials_is_not_asked_by_GET(string path)
    {
        var flow = stack.Flow();
        var request = flow.CodeRequest(await flow.CodeAsync());
        request["token"] = "nonsense";
        request["client_id"] = stack.Client.Id;
        var url = path + "?" + string.Join('&', request.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));
        var answer = await Answer.OfAsync(await stack.Server.Client.GetAsync(url, TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/revoke")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/par")]
    [InlineData("/connect/device")]
    public async Task A_parameter_that_comes_twice_is_refused(string path)
    {
        var flow = stack.Flow();
        var fields = flow.CodeRequest(await flow.CodeAsync()).Append(new("token", "nonsense")).Append(new("client_id", stack.Client.Id)).Append(new("client_id", "nobody"));
        var answer = await Answer.OfAsync(await stack.Server.Client.PostAsync(path, new FormUrlEncodedContent(fields!), TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task Answers_of_the_token_endpoint_say_what_they_are_and_are_kept_out_of_caches()
    {
        var flow = stack.Flow();
        var redeem = flow.CodeRequest(await flow.CodeAsync());
        var good = await flow.TokenAsync(redeem);
        Assert.Equal("Bearer", good.Text("token_type"));
        Assert.InRange(good.Json.GetProperty("expires_in").GetInt32(), 295, 300);
        foreach (var answer in new[] { good, await flow.TokenAsync(redeem) })
        {
            Assert.Equal("application/json", answer.Response.Content.Headers.ContentType!.MediaType);
            Assert.True(answer.Response.Headers.CacheControl!.NoStore);
            Assert.Equal("no-cache", answer.Response.Headers.Pragma.Single().Name);
        }
    }

    [Theory]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/openid-configuration")]
    public async Task Metadata_is_JSON_with_status_200_and_has_no_empty_list(string path)
    {
        var answer = await Answer.OfAsync(await stack.Server.Client.GetAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.Status, answer.Response.Content.Headers.ContentType!.MediaType));
        Assert.DoesNotContain(answer.Json.EnumerateObject(), member => member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() == 0);
        foreach (var endpoint in new[] { "token", "revocation", "introspection" })
        {
            string?[] List(string name) => [.. answer.Json.GetProperty($"{endpoint}_endpoint_auth_{name}_supported").EnumerateArray().Select(value => value.GetString())];
            Assert.Contains("private_key_jwt", List("methods"));
            Assert.Contains("RS256", List("signing_alg_values"));
            Assert.DoesNotContain("none", List("signing_alg_values"));
        }
    }

    [Fact]
    public async Task Two_resources_in_one_request_are_refused_and_one_that_is_named_twice_is_not()
    {
        var flow = stack.Flow();
        var url = Flow.AuthorizeUrl(flow.Request());
        var page = await flow.Browser.GoAsync(url + "&resource=" + Uri.EscapeDataString("http://localhost:5200/other"));
        Assert.StartsWith("invalid_target:", page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent);

        page = await flow.Browser.GoAsync(url + "&resource=" + Uri.EscapeDataString("HTTP://localhost:5200/mcp"));
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
    }

    [Fact]
    public async Task A_name_can_not_turn_the_text_around_it_and_a_host_is_shown_in_ASCII()
    {
        await using var client = await TestClient.StartAsync();
        client.Document["client_name"] = "Good\u202Eevil\u0007 <b>client</b>";
        client.Document["redirect_uris"] = new[] { "https://xn--bcher-kva.example/cb" };
        var flow = new Flow(stack.Server, client);
        var request = flow.Request();
        request["redirect_uri"] = "https://xn--bcher-kva.example/cb";
        var page = await flow.SignInAsync(await flow.AuthorizeAsync(request));
        var shown = page.Html.QuerySelector("[data-testid=client]")!;
        Assert.Contains("Goodevil <b>client</b>", shown.TextContent, StringComparison.Ordinal);
        Assert.NotNull(shown.QuerySelector("bdi"));
        Assert.Contains("https://xn--bcher-kva.example", page.Html.QuerySelector("[data-testid=redirect]")!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\u00FC")]
    [InlineData(" ")]
    public async Task A_redirect_uri_with_characters_that_no_URI_has_is_refused(string more)
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["client_id"] = "seed-client";
        request["redirect_uri"] = "http://localhost:8000/auth/callback" + more;
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("redirect_uri", page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent);
    }

    [Fact]
    public async Task A_client_id_on_a_host_that_no_name_system_knows_is_refused()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["client_id"] = $"https://{new string('\u00FC', 64)}.example/client.json";
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.StartsWith("invalid_client:", page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent);
    }

    [Theory]
    [InlineData("/oauth/./client-metadata.json")]
    [InlineData("/oauth/x/..")]
    [InlineData("/oauth/.")]
    [InlineData("/oauth/%2e%2E/client-metadata.json")]
    public async Task A_client_id_with_dot_segments_is_refused_however_they_are_written(string path)
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["client_id"] = stack.Client.Origin + path;
        var page = await flow.AuthorizeAsync(request);
        Assert.Contains("dot segments", page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent);
    }

    [Theory]
    [InlineData("refresh_token", "access_token")]
    [InlineData("access_token", "refresh_token")]
    [InlineData("access_token", "launch_code")]
    public async Task A_wrong_hint_hides_no_token_from_revocation(string which, string hint)
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var answer = await flow.PostAsync("/connect/revoke", new() { ["token"] = tokens.Text(which), ["token_type_hint"] = hint });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_code_of_another_client_is_refused(bool withKeys)
    {
        await using var client = await TestClient.StartAsync();
        await using var other = await TestClient.StartAsync();
        foreach (var one in withKeys ? [] : new[] { client, other })
        {
            one.Document["token_endpoint_auth_method"] = "none";
            one.Document.Remove("jwks");
        }

        var flow = new Flow(stack.Server, client);
        var redeem = flow.CodeRequest(await flow.CodeAsync());
        if (!withKeys)
        {
            redeem["client_assertion"] = redeem["client_assertion_type"] = null;
        }

        Assert.Equal("invalid_grant", (await new Flow(stack.Server, other).TokenAsync(redeem)).Error);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(redeem)).Status);
    }

    [Fact]
    public async Task Two_ways_to_prove_who_one_is_are_refused()
    {
        var flow = stack.Flow();
        var redeem = flow.CodeRequest(await flow.CodeAsync());
        redeem["client_secret"] = "a secret of 32 characters or more";
        Assert.Equal("invalid_request", (await flow.TokenAsync(redeem)).Error);
    }

    [Fact]
    public async Task Authorization_may_be_asked_for_by_POST()
    {
        var flow = stack.Flow();
        using var content = new FormUrlEncodedContent(flow.Request("mcp:tools")!);
        using var answer = await stack.Server.Client.PostAsync("/connect/authorize", content, TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        var page = await flow.FinishAsync(await flow.Browser.GoAsync(answer.Headers.Location!.ToString()));
        Assert.Equal("the-state", page.Query("state"));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(flow.CodeRequest(page.Query("code")!))).Status);
    }

    [Fact]
    public async Task The_query_of_a_redirect_uri_is_kept()
    {
        await using var client = await TestClient.StartAsync();
        client.RedirectUri += "?tenant=one&tenant=two";
        client.Document["redirect_uris"] = new[] { client.RedirectUri };
        var page = await new Flow(stack.Server, client).ToClientAsync();
        Assert.StartsWith(client.RedirectUri + "&", page.Url.OriginalString);
        Assert.All(["code", "state", "iss"], name => Assert.NotNull(page.Query(name)));
    }

    [Theory]
    [InlineData("code")]
    [InlineData("state")]
    [InlineData("iss")]
    [InlineData("error")]
    [InlineData("%73tate")]
    public async Task A_redirect_uri_that_has_a_parameter_of_the_answer_is_refused_since_it_would_come_twice(string name)
    {
        await using var client = await TestClient.StartAsync();
        client.RedirectUri += $"?{name}=mine";
        client.Document["redirect_uris"] = new[] { client.RedirectUri };
        var page = await new Flow(stack.Server, client).AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.StartsWith("invalid_client:", page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent);
    }

    [Fact]
    public async Task A_revocation_that_is_refused_says_why()
    {
        await using var other = await TestClient.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        foreach (var which in new[] { tokens.RefreshToken, tokens.AccessToken })
        {
            var foreign = await new Flow(stack.Server, other).PostAsync("/connect/revoke", new() { ["token"] = which });
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (foreign.Status, foreign.Error));
            Assert.NotNull(foreign.Text("error_description"));
        }

        var missing = await flow.PostAsync("/connect/revoke", []);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (missing.Status, missing.Error));
        var unproved = await flow.PostAsync("/connect/revoke", new() { ["token"] = tokens.RefreshToken, ["client_assertion"] = null, ["client_assertion_type"] = null });
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (unproved.Status, unproved.Error));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    [Fact]
    public async Task No_page_can_be_framed_or_tells_others_where_the_person_was()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["prompt"] = "consent";
        var signIn = await flow.AuthorizeAsync(request);
        var consent = await flow.SignInAsync(signIn);
        Assert.NotNull(consent.Html.QuerySelector("[data-testid=allow]"));
        request["redirect_uri"] = "https://evil.example/";
        var pages = new[]
        {
            signIn, consent, await flow.AuthorizeAsync(request), await flow.Browser.GoAsync("/account"), await flow.Browser.GoAsync("/sign-out"),
            await flow.Browser.GoAsync($"/connect/logout?client_id={Uri.EscapeDataString(stack.Client.Id)}"), await flow.Browser.GoAsync("/nowhere"),
        };
        Assert.All(pages, page =>
        {
            Assert.Equal("DENY", page.Response.Headers.GetValues("X-Frame-Options").Single());
            Assert.Contains("frame-ancestors 'none'", page.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("same-origin", page.Response.Headers.GetValues("Referrer-Policy").Single());
        });
    }

    [Fact]
    public async Task Forms_are_answered_without_a_redirect_and_with_cookies_that_no_script_or_other_site_gets()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["prompt"] = "consent";
        var page = await flow.AuthorizeAsync(request);
        using var signedIn = await PostAsync(flow.Browser, page, ("username", "alice"), ("password", "alice"));
        Judge(signedIn, "__Host-authserver-session=");

        using var allowed = await PostAsync(flow.Browser, await flow.SignInAsync(page), ("decision", "allow"));
        Judge(allowed, "__Host-authserver-consent=");

        static void Judge(HttpResponseMessage response, string name)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith(name, StringComparison.Ordinal));
            Assert.All(["secure", "httponly", "samesite=lax", "path=/"], part => Assert.Contains($"; {part}", cookie, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task An_error_description_has_the_characters_that_it_may_have()
    {
        var flow = stack.Flow();
        var request = flow.CodeRequest("nonsense");
        request["client_id"] = $"{stack.Client.Origin}/\u00E4\u2028/client.json";
        request["client_assertion"] = request["client_assertion_type"] = null;
        var answer = await flow.TokenAsync(request);
        Assert.Equal("invalid_client", answer.Error);
        // The section sign of this text is not among them either.
        Assert.Contains("has characters that no URL has (RFC 3986 ", answer.Text("error_description"), StringComparison.Ordinal);
        Assert.All(answer.Text("error_description")!, character => Assert.True(character is >= ' ' and <= '~' and not ('"' or '\\')));
    }

    /// <summary>Posts the page's form as the browser would, and stops at the answer.</summary>
    private async Task<HttpResponseMessage> PostAsync(TestBrowser browser, Page page, params (string Name, string Value)[] fields)
    {
        var hidden = page.Html.Forms[0].Elements.OfType<IHtmlInputElement>().Where(input => input.Type == "hidden").Select(input => (input.Name!, input.Value));
        using var post = new HttpRequestMessage(HttpMethod.Post, page.Html.Forms[0].GetAttribute("action"))
        {
            Content = new FormUrlEncodedContent(hidden.Concat(fields).Select(field => KeyValuePair.Create(field.Item1, field.Item2))),
            Headers =
            {
                { "Origin", stack.Server.Issuer },
                { "Cookie", string.Join("; ", browser.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")) },
            },
        };
        return await stack.Server.Client.SendAsync(post, TestContext.Current.CancellationToken);
    }
}
