using System.Net;
using System.Text.RegularExpressions;
using McpAspire.AuthServer.Devices;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>The device grant (RFC 8628).</summary>
public sealed class DeviceTests(ConfiguredSurroundings stack) : IClassFixture<ConfiguredSurroundings>, IDisposable
{
    private readonly DeviceFlow _device = new(stack.Server);

    private RunningAuthServer Server => stack.Server;

    public void Dispose() => _device.Dispose();

    [Fact]
    public async Task A_device_gets_its_codes_and_the_public_address_to_send_the_person_to()
    {
        var answer = await _device.AskAsync();
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", answer.Text("user_code"));
        Assert.Equal(Server.Issuer + "/device", answer.Text("verification_uri"));
        Assert.Equal($"{Server.Issuer}/device?user_code={answer.Text("user_code")}", answer.Text("verification_uri_complete"));
        Assert.InRange(answer.Json.GetProperty("expires_in").GetInt32(), 599, 600);
        Assert.Equal(5, answer.Json.GetProperty("interval").GetInt32());
        Assert.Contains("no-store", answer.Response.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task The_metadata_names_the_endpoint_and_the_grant()
    {
        var metadata = await Answer.OfAsync(await Server.Client.GetAsync("/.well-known/oauth-authorization-server", TestContext.Current.CancellationToken));
        Assert.Equal(Server.Issuer + "/connect/device", metadata.Text("device_authorization_endpoint"));
        Assert.Contains(DeviceFlow.Grant, metadata.Json.GetProperty("grant_types_supported").EnumerateArray().Select(type => type.GetString()));
    }

    [Fact]
    public async Task A_person_who_signs_in_anew_and_allows_it_connects_the_device_to_their_session()
    {
        var asked = await _device.AskAsync();
        Assert.Equal("authorization_pending", (await _device.PollAsync(asked.Text("device_code")!)).Error);

        var page = await _device.ToQuestionAsync(asked.Text("user_code")!);
        Assert.Contains("Living room TV", page.Html.QuerySelector("[data-testid=client]")!.TextContent);
        Assert.Equal(asked.Text("user_code"), page.Html.QuerySelector("[data-testid=code]")!.TextContent);
        Assert.Contains("less than a minute ago", page.Html.QuerySelector("[data-testid=place]")!.TextContent);
        Assert.Contains("the machine that this service runs on", page.Html.QuerySelector("[data-testid=place]")!.TextContent);
        Assert.Contains(RunningAuthServer.Resource, page.Html.QuerySelector("[data-testid=resource]")!.TextContent);
        Assert.Contains("sent you", page.Html.QuerySelector("[data-testid=warning]")!.TextContent);

        page = await _device.AnswerAsync(page, changes: new() { ["profile"] = null });
        Assert.Equal("/device/done", page.Url.AbsolutePath);

        Server.Time.Advance(TimeSpan.FromSeconds(6));
        var tokens = await _device.PollAsync(asked.Text("device_code")!);
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Json.ToString());
        Assert.Equal("mcp:tools notes:read notes:write openid", tokens.Access.GetClaim("scope").Value);
        Assert.Equal([RunningAuthServer.Resource], tokens.Access.Audiences);
        Assert.Equal(ConfiguredSurroundings.DeviceId, tokens.Access.GetClaim("client_id").Value);
        Assert.Equal(tokens.Identity.GetClaim("sid").Value, tokens.Access.GetClaim("sid").Value);
        Assert.NotEmpty(tokens.Access.GetClaim("grant_id").Value);
        Assert.Equal(HttpStatusCode.OK, (await _device.PostAsync("/connect/token", ("grant_type", "refresh_token"), ("refresh_token", tokens.RefreshToken))).Status);

        // The session ends, and the device with it.
        await _device.Browser.SubmitAsync(await _device.Browser.GoAsync("/sign-out"), []);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { { "Authorization", $"Bearer {tokens.AccessToken}" } } };
        Assert.Equal(HttpStatusCode.Unauthorized, (await Server.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_sign_in_from_before_the_page_was_opened_is_not_enough()
    {
        await _device.SignInAsync(await _device.Browser.GoAsync("/sign-in"));
        Server.Time.Advance(TimeSpan.FromSeconds(10));
        var asked = await _device.AskAsync();
        var page = await _device.TypeAsync(asked.Text("user_code")!);
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        Assert.Equal("/sign-in", (await _device.Browser.GoAsync("/device/confirm")).Url.AbsolutePath);
        Assert.NotNull((await _device.SignInAsync(page)).Html.QuerySelector("[data-testid=allow]"));
    }

    [Theory]
    [InlineData("lower")]
    [InlineData("bare")]
    [InlineData("spaces")]
    public async Task A_code_is_taken_however_it_is_typed(string how)
    {
        var code = (await _device.AskAsync()).Text("user_code")!;
        var typed = how switch { "lower" => code.ToLowerInvariant(), "bare" => code.Replace("-", ""), _ => $" {code.Replace("-", " ")} " };
        Assert.NotNull((await _device.ToQuestionAsync(typed)).Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task The_complete_address_fills_the_code_in_and_decides_nothing()
    {
        var asked = await _device.AskAsync();
        var page = await _device.Browser.GoAsync(asked.Text("verification_uri_complete")!);
        Assert.Equal(asked.Text("user_code"), page.Html.GetElementById("user-code")!.GetAttribute("value"));
        Assert.Null(page.Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task A_code_that_is_too_short_stays_in_the_field_and_a_link_brings_nothing_but_a_code()
    {
        var field = (await _device.TypeAsync("bcdf-gh")).Html.GetElementById("user-code")!;
        Assert.Equal("bcdf-gh", field.GetAttribute("value"));
        Assert.True(field.HasAttribute("autofocus"));
        Assert.Null((await _device.Browser.GoAsync("/device?user_code=bcdf-gh")).Html.GetElementById("user-code")!.GetAttribute("value"));
    }

    [Fact]
    public async Task A_device_that_asks_too_often_is_told_to_slow_down_for_good()
    {
        var code = (await _device.AskAsync()).Text("device_code")!;
        Assert.Equal("authorization_pending", (await _device.PollAsync(code)).Error);
        Server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("slow_down", (await _device.PollAsync(code)).Error);
        Server.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("slow_down", (await _device.PollAsync(code)).Error);
        Server.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal("authorization_pending", (await _device.PollAsync(code)).Error);
    }

    [Fact]
    public async Task A_device_that_is_denied_hears_access_denied_and_its_code_is_used_up()
    {
        var asked = await _device.AskAsync();
        var page = await _device.AnswerAsync(await _device.ToQuestionAsync(asked.Text("user_code")!), "deny");
        Assert.Equal("/device/denied", page.Url.AbsolutePath);
        Assert.Equal("access_denied", (await _device.PollAsync(asked.Text("device_code")!)).Error);
        Assert.NotNull((await _device.ToQuestionAsync(asked.Text("user_code")!)).Html.QuerySelector("[data-testid=code-error]"));
    }

    [Fact]
    public async Task After_10_minutes_the_code_is_expired_for_both()
    {
        var asked = await _device.AskAsync();
        Server.Time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(31));
        Assert.Equal("expired_token", (await _device.PollAsync(asked.Text("device_code")!)).Error);
        Assert.NotNull((await _device.ToQuestionAsync(asked.Text("user_code")!)).Html.QuerySelector("[data-testid=code-error]"));
    }

    [Fact]
    public async Task A_device_code_gives_tokens_once_and_to_its_client_alone()
    {
        var asked = await _device.AskAsync();
        await _device.AnswerAsync(await _device.ToQuestionAsync(asked.Text("user_code")!));
        Assert.Equal("unauthorized_client", (await _device.PollAsync(asked.Text("device_code")!, ConfiguredSurroundings.PublicId)).Error);
        using var other = new DeviceFlow(Server, ConfiguredSurroundings.BoxId, ConfiguredSurroundings.Secret);
        Assert.Equal("invalid_grant", (await other.PollAsync(asked.Text("device_code")!)).Error);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _device.PollAsync(asked.Text("device_code")!)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal("invalid_grant", (await _device.PollAsync(asked.Text("device_code")!)).Error);
    }

    [Fact]
    public async Task A_user_code_is_approved_once()
    {
        var asked = await _device.AskAsync();
        var page = await _device.ToQuestionAsync(asked.Text("user_code")!);
        await _device.AnswerAsync(page);
        Assert.Equal(HttpStatusCode.BadRequest, (await _device.AnswerAsync(page)).Status);
        Assert.NotNull((await _device.ToQuestionAsync(asked.Text("user_code")!)).Html.QuerySelector("[data-testid=code-error]"));
    }

    [Fact]
    public async Task Five_wrong_codes_in_a_minute_are_all_that_a_session_has()
    {
        var asked = await _device.AskAsync();
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await _device.ToQuestionAsync("BBBB-BBB" + "BCDFG"[guess])).Status);
        }

        var refused = await _device.ToQuestionAsync(asked.Text("user_code")!);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.InRange(refused.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull((await _device.ToQuestionAsync(asked.Text("user_code")!)).Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task Right_codes_are_not_counted()
    {
        var asked = await _device.AskAsync();
        for (var look = 0; look < 8; look++)
        {
            Assert.NotNull((await _device.ToQuestionAsync(asked.Text("user_code")!)).Html.QuerySelector("[data-testid=allow]"));
        }
    }

    [Theory]
    [InlineData("opening", "not-a-ticket")]
    [InlineData("__RequestVerificationToken", "not-a-token")]
    [InlineData("user_code", "AEIO-UAEI")]
    public async Task A_form_that_was_changed_takes_no_code(string field, string value)
    {
        var code = (await _device.AskAsync()).Text("user_code")!;
        var page = await _device.Browser.SubmitAsync(await _device.Browser.GoAsync("/device"), field == "user_code" ? new() { [field] = value } : new() { ["user_code"] = code, [field] = value });
        Assert.Equal((HttpStatusCode.BadRequest, "/device"), (page.Status, page.Url.AbsolutePath));
    }

    [Fact]
    public async Task An_answer_is_of_the_session_and_the_code_that_were_asked()
    {
        var asked = await _device.AskAsync();
        var page = await _device.ToQuestionAsync(asked.Text("user_code")!);
        using var other = new DeviceFlow(Server);
        await other.ToQuestionAsync((await other.AskAsync()).Text("user_code")!, "bob");
        Assert.Equal(HttpStatusCode.BadRequest, (await other.AnswerAsync(page)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _device.AnswerAsync(page, changes: new() { ["ticket"] = "changed" })).Status);
        _device.Browser.Origin = "https://evil.example";
        Assert.Equal(HttpStatusCode.Forbidden, (await _device.AnswerAsync(page)).Status);
        Assert.Equal("authorization_pending", (await _device.PollAsync(asked.Text("device_code")!)).Error);
    }

    [Theory]
    [InlineData("scope", "mcp:tools launch:missiles", "invalid_scope")]
    [InlineData("resource", "http://localhost:5200/other", "invalid_target")]
    [InlineData("client_id", "nobody", "invalid_client")]
    [InlineData("client_id", ConfiguredSurroundings.PublicId, "unauthorized_client")]
    [InlineData("client_id", ConfiguredSurroundings.BoxId, "invalid_client")]
    public async Task A_request_that_breaks_a_rule_is_refused(string parameter, string value, string error)
    {
        var answer = await _device.PostAsync("/connect/device", (parameter, value));
        Assert.Equal(error, answer.Error);
        Assert.Contains(Server.Logs.Lines, line => line.Contains("Device authorization request refused"));
    }

    [Fact]
    public async Task An_empty_parameter_counts_as_left_out_and_an_unknown_one_is_ignored()
    {
        var asked = await _device.AskAsync(scope: "", ("resource", ""), ("launch", "missiles"));
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        await _device.AnswerAsync(await _device.ToQuestionAsync(asked.Text("user_code")!));
        var tokens = await _device.PollAsync(asked.Text("device_code")!);
        Assert.Equal("mcp:tools", tokens.Access.GetClaim("scope").Value);
        Assert.Equal([RunningAuthServer.Resource], tokens.Access.Audiences);
    }

    [Fact]
    public async Task A_confidential_device_proves_itself()
    {
        using var box = new DeviceFlow(Server, ConfiguredSurroundings.BoxId, ConfiguredSurroundings.Secret);
        var asked = await box.AskAsync("mcp:tools", ("resource", RunningAuthServer.Resource));
        await box.AnswerAsync(await box.ToQuestionAsync(asked.Text("user_code")!));
        Assert.Equal(HttpStatusCode.OK, (await box.PollAsync(asked.Text("device_code")!)).Status);
    }

    [Fact]
    public async Task Neither_code_is_in_any_log()
    {
        var asked = await _device.AskAsync();
        await _device.Browser.GoAsync(asked.Text("verification_uri_complete")!);
        await _device.AnswerAsync(await _device.ToQuestionAsync(asked.Text("user_code")!));
        await _device.PollAsync(asked.Text("device_code")!);
        foreach (var secret in new[] { asked.Text("device_code")!, asked.Text("user_code")!, asked.Text("user_code")!.Replace("-", "") })
        {
            Assert.DoesNotContain(Server.Logs.Lines, line => line.Contains(secret));
        }
    }

    [Theory]
    [InlineData("192.168.1.7", "the local network of this service (address 192.168.1.7)")]
    [InlineData("::ffff:10.0.0.1", "the local network of this service (address 10.0.0.1)")]
    [InlineData("203.0.113.9", "the internet, address 203.0.113.9")]
    [InlineData("2001:db8::1", "the internet, address 2001:db8::1")]
    [InlineData("::1", "the machine that this service runs on")]
    [InlineData(null, "an unknown network")]
    public void The_place_is_said_in_words(string? address, string words) => Assert.Equal(words, DevicePlace.Where(address));

    [Fact]
    public void User_codes_have_no_vowels_and_no_look_alikes() => Assert.DoesNotMatch(new Regex("[AEIOUY0-9]"), string.Concat(UserCode.Charset));
}
