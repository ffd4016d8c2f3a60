using System.Net;
using System.Net.Http.Json;
using System.Text;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;

namespace McpAspire.AuthServer.Tests.Limits;

/// <summary>Each limit is a setting of the operator: another value has its effect, and one that makes no sense stops the start.</summary>
public sealed class LimitSettingTests(LimitSettingTests.Surroundings stack) : IClassFixture<LimitSettingTests.Surroundings>, IAsyncLifetime
{
    private const string Callback = "https://app.example/cb";

    private TestClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _client = await TestClient.StartAsync();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData("state", 200)]
    [InlineData("nonce", 200)]
    [InlineData("redirect_uri", 150)]
    [InlineData("unknown", 2048)]
    public async Task How_long_a_parameter_may_be(string parameter, int longest)
    {
        var refused = await PushAsync(parameter, Callback.PadRight(longest + 1, 'x'));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.Status, refused.Error));
        Assert.Contains($"longer than {longest} characters", refused.Text("error_description"));
    }

    [Fact]
    public async Task How_many_scopes_a_request_may_ask_for()
    {
        Assert.Equal("invalid_scope", (await PushAsync("scope", Scopes(10))).Error);
        Assert.Equal("invalid_request", (await PushAsync("scope", Scopes(11))).Error);
    }

    [Fact]
    public async Task How_large_a_body_may_be()
    {
        var content = new StringContent("grant_type=".PadRight(20 * 1024, 'x'), Encoding.ASCII, "application/x-www-form-urlencoded");
        var answer = await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/token", content, Cancel));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Contains("16384 bytes", answer.Text("error_description"));
    }

    [Fact]
    public async Task How_many_redirect_uris_of_what_length_a_client_may_have()
    {
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Callback, Callback.PadRight(150, 'x'))).Status);
        Assert.Equal("invalid_redirect_uri", (await RegisterAsync(Callback, Callback + 2, Callback + 3)).Error);
        Assert.Equal("invalid_redirect_uri", (await RegisterAsync(Callback.PadRight(151, 'x'))).Error);
    }

    [Fact]
    public async Task How_many_wrong_passwords_lock_an_account_and_for_how_long()
    {
        using var browser = new TestBrowser(stack.Server.Issuer);
        Assert.Contains("After 2 wrong passwords an account is locked for 20 minutes", (await SignInAsync(browser, "wrong")).Text);
        await SignInAsync(browser, "wrong");
        Assert.Equal(HttpStatusCode.BadRequest, (await SignInAsync(browser, "bob")).Status);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal(HttpStatusCode.BadRequest, (await SignInAsync(browser, "bob")).Status);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(browser, "bob")).Status);
    }

    [Fact]
    public async Task How_many_wrong_device_codes_a_session_may_type_in_a_minute()
    {
        using var device = new DeviceFlow(stack.Server, "device");
        stack.Server.Time.Advance(TimeSpan.FromSeconds(60 - (stack.Server.Time.GetUtcNow().ToUnixTimeSeconds() % 60)));
        Assert.Equal(HttpStatusCode.BadRequest, (await device.ToQuestionAsync("BBBB-BBBB")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await device.ToQuestionAsync("BBBB-BBBC")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await device.ToQuestionAsync("BBBB-BBBD")).Status);
    }

    [Fact]
    public async Task How_long_a_device_code_works()
    {
        using var device = new DeviceFlow(stack.Server, "device");
        var asked = await device.AskAsync("mcp:tools");
        Assert.InRange(asked.Json.GetProperty("expires_in").GetInt32(), 179, 180);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(175));
        Assert.Equal("authorization_pending", (await device.PollAsync(asked.Text("device_code")!)).Error);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("expired_token", (await device.PollAsync(asked.Text("device_code")!)).Error);
        var refused = await device.ToQuestionAsync(asked.Text("user_code")!);
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("a code works for 3 minutes", refused.Text);
    }

    [Fact]
    public async Task How_far_ahead_an_assertion_may_expire()
    {
        Assert.Equal("invalid_grant", (await RedeemAsync(TimeSpan.FromMinutes(2))).Error);
        var refused = await RedeemAsync(TimeSpan.FromMinutes(3));
        Assert.Equal("invalid_client", refused.Error);
        Assert.Contains("2 minutes", refused.Text("error_description"));
    }

    [Fact]
    public async Task How_large_a_document_may_be()
    {
        _client.Document["padding"] = new string('x', 2048);
        Assert.Contains("larger than 2048 bytes", (await AuthorizeAsync()).Text);
    }

    [Fact]
    public async Task How_large_the_keys_of_a_client_may_be()
    {
        _client.Document.Remove("jwks");
        _client.Document["jwks_uri"] = $"{_client.Origin}/oauth/jwks.json";
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(new { keys = ((dynamic)_client.Keys).keys, padding = new string('x', 1024) });
        var refused = await RedeemAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("invalid_client", refused.Error);
        Assert.Contains("larger than 1024 bytes", refused.Text("error_description"));
    }

    [Fact]
    public async Task How_often_a_document_is_asked_for_in_a_minute()
    {
        _client.Answer = context => { context.Response.StatusCode = 500; return Task.CompletedTask; };
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await AuthorizeAsync();
        }

        Assert.Equal(3, _client.Requests);
    }

    [Fact]
    public async Task How_large_a_logo_may_be_and_how_many_are_kept()
    {
        Assert.Null(await LogoAsync(2049));
        Assert.NotNull(await LogoAsync(2048));
        Assert.Null(await LogoAsync(2000));
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData("max-age=1", 2)]
    [InlineData("max-age=86400", 10)]
    public async Task How_long_a_document_is_kept(string? header, int minutes)
    {
        _client.Answer = context =>
        {
            context.Response.Headers.CacheControl = header;
            return context.Response.WriteAsJsonAsync(_client.Document);
        };
        await AuthorizeAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        await AuthorizeAsync();
        Assert.Equal(1, _client.Requests);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(2));
        await AuthorizeAsync();
        Assert.Equal(2, _client.Requests);
    }

    [Theory]
    [InlineData("RequestLimits:MostBytes", "1000")]
    [InlineData("RequestLimits:LongestState", "0")]
    [InlineData("RequestLimits:MostScopes", "1")]
    [InlineData("StoredRequests:PerMinute", "0")]
    [InlineData("StoredRequests:Longest", "10")]
    [InlineData("RedirectUris:Longest", "1000000")]
    [InlineData("RedirectUris:MostOfClient", "0")]
    [InlineData("RedirectUris:PrivateUseSchemes:0", "javascript")]
    [InlineData("SignIn:Lockout:After", "0")]
    [InlineData("SignIn:Lockout:Lasts", "00:00:00")]
    [InlineData("Devices:WrongCodesPerMinute", "many")]
    [InlineData("Devices:CodeLifetime", "00:00:10")]
    [InlineData("ClientAssertions:LongestLifetime", "10")]
    [InlineData("ClientAssertions:Audience", "Everybody")]
    [InlineData("ClientDocuments:AttemptsPerUrl", "0")]
    [InlineData("ClientDocuments:AttemptsPerSource", "-1")]
    [InlineData("ClientDocuments:MostBytes", "0")]
    [InlineData("ClientDocuments:MostKeyBytes", "0")]
    [InlineData("ClientDocuments:MostLogoBytes", "100000000")]
    [InlineData("ClientDocuments:MostLogos", "-1")]
    [InlineData("ClientDocuments:KeptAtLeast", "00:00:00")]
    [InlineData("ClientDocuments:KeptAtMost", "00:00:30")]
    [InlineData("ClientDocuments:KeptUnsaid", "2.00:00:00")]
    [InlineData("Registration:PerMinute", "0")]
    [InlineData("Strangers:MostUnused", "0")]
    [InlineData("Strangers:UnusedLifetime", "00:00:01")]
    [InlineData("Strangers:IdleLifetime", "00:00:01")]
    public async Task One_that_makes_no_sense_stops_the_start(string setting, string value)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings: (setting, value)));
        Assert.Contains($"'{(setting.EndsWith(":0", StringComparison.Ordinal) ? setting[..^2] : setting)}'", failure.Message);
    }

    private static string Scopes(int count) => string.Join(' ', Enumerable.Range(0, count).Select(number => $"scope:{number}"));

    private async Task<Answer> RegisterAsync(params string[] redirectUris) => await Answer.OfAsync(await stack.Server.Client.PostAsJsonAsync(
        "/connect/register", new { redirect_uris = redirectUris, token_endpoint_auth_method = "none" }, Cancel));

    private async Task<Answer> PushAsync(string parameter, string value)
    {
        var request = new Flow(stack.Server, new TestClient { Id = "web", RedirectUri = Callback }).Request("mcp:tools");
        request[parameter] = value;
        return await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/par", new FormUrlEncodedContent(request!), Cancel));
    }

    private static async Task<Page> SignInAsync(TestBrowser browser, string password) =>
        await browser.SubmitAsync(await browser.GoAsync("/sign-in"), new() { ["username"] = "bob", ["password"] = password });

    private Task<Page> AuthorizeAsync() => new Flow(stack.Server, _client).AuthorizeAsync();

    private Task<Answer> RedeemAsync(TimeSpan lifetime)
    {
        var flow = new Flow(stack.Server, _client);
        var fields = flow.CodeRequest("none");
        fields["client_assertion"] = _client.Assertion(stack.Server.Issuer, stack.Server.Time.GetUtcNow(), lifetime: lifetime);
        return flow.TokenAsync(fields);
    }

    /// <summary>The logo of so many bytes that the consent page of a new client shows.</summary>
    private async Task<AngleSharp.Dom.IElement?> LogoAsync(int bytes)
    {
        await using var client = await TestClient.StartAsync();
        client.Document["logo_uri"] = client.LogoUri;
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. new byte[bytes - 8]];
        client.Logo = context => context.Response.Body.WriteAsync(png).AsTask();
        var flow = new Flow(stack.Server, client);
        return (await flow.SignInAsync(await flow.AuthorizeAsync())).Html.QuerySelector("[data-testid=logo]");
    }

    /// <summary>An AuthServer of which every limit is another than by default.</summary>
    public sealed class Surroundings : IAsyncLifetime
    {
        internal RedisServer Redis { get; } = new();

        internal RunningAuthServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings:
        [
            ("RequestLimits:MostBytes", "16384"), ("RequestLimits:LongestState", "200"), ("RequestLimits:MostScopes", "10"),
            ("StoredRequests:Longest", "2048"), ("RedirectUris:Longest", "150"), ("RedirectUris:MostOfClient", "2"),
            ("SignIn:Lockout:After", "2"), ("SignIn:Lockout:Lasts", "00:20:00"), ("Devices:WrongCodesPerMinute", "2"), ("Devices:CodeLifetime", "00:03:00"),
            ("ClientAssertions:LongestLifetime", "00:02:00"), ("ClientDocuments:AttemptsPerUrl", "3"),
            ("ClientDocuments:MostBytes", "2048"), ("ClientDocuments:MostKeyBytes", "1024"), ("ClientDocuments:MostLogoBytes", "2048"), ("ClientDocuments:MostLogos", "1"),
            ("ClientDocuments:KeptAtLeast", "00:02:00"), ("ClientDocuments:KeptUnsaid", "00:03:00"), ("ClientDocuments:KeptAtMost", "00:10:00"),
            ("Clients:1:ClientId", "web"), ("Clients:1:RedirectUris:0", Callback),
            ("Clients:2:ClientId", "device"), ("Clients:2:GrantTypes:0", DeviceFlow.Grant),
        ]);

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            Redis.Dispose();
        }
    }
}
