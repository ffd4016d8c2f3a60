using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>What strangers may make us store: pushed, device and authorization requests are bounded in size, number and time.</summary>
public sealed class StoredRequestTests(ConfiguredSurroundings stack) : IClassFixture<ConfiguredSurroundings>, IDisposable
{
    private const string Setting = "StoredRequests:PerMinute";

    private static readonly string HalfOf8KB = new('x', 4 * 1024);

    // Its own, since what one address asked for is counted there.
    private readonly RedisServer _redis = new();

    public void Dispose() => _redis.Dispose();

    [Theory]
    [InlineData("/connect/par")]
    [InlineData("/connect/device")]
    public async Task A_request_is_8_KB_at_most(string path)
    {
        var answer = await PostAsync(stack.Server, path, ("unknown", HalfOf8KB), ("unheard", HalfOf8KB));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
        Assert.Contains("8192", answer.Text("error_description"));
        Assert.True((await PostAsync(stack.Server, path, ("unknown", HalfOf8KB), ("unheard", HalfOf8KB[..3000]))).Response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task An_authorization_request_is_8_KB_at_most_also_where_it_is_posted()
    {
        var flow = stack.Flow();
        var request = ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PublicId);
        request["unknown"] = HalfOf8KB;
        request["unheard"] = HalfOf8KB;
        using var refused = await PostAuthorizeAsync(request);
        Assert.Contains("error=invalid_request", refused.Headers.Location?.Query);

        request["unheard"] = HalfOf8KB[..3000];
        using var taken = await PostAuthorizeAsync(request);
        Assert.Contains("request_uri=", taken.Headers.Location?.Query);
    }

    [Fact]
    public async Task A_pushed_request_of_almost_8_KB_gets_through_every_step()
    {
        var flow = stack.Flow();
        var request = ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PublicId);
        request["unknown"] = new string('x', 8192 - request.Where(field => field.Key != "client_id").Sum(field => field.Key.Length + field.Value!.Length) - "unknown".Length);
        var pushed = await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/par", new FormUrlEncodedContent(request!), Cancel));
        Assert.Equal(HttpStatusCode.Created, pushed.Status);
        var page = await flow.Browser.GoAsync(
            $"/connect/authorize?client_id={ConfiguredSurroundings.PublicId}&request_uri={Uri.EscapeDataString(pushed.Text("request_uri")!)}");
        Assert.NotNull((await flow.FinishAsync(page)).Query("code"));
    }

    [Theory]
    [InlineData("/connect/par")]
    [InlineData("/connect/device")]
    public async Task One_address_makes_us_store_so_many_requests_a_minute(string path)
    {
        await using var server = await StartAsync();
        await PostAsync(server, path);
        await PostAsync(server, path);
        var refused = await PostAsync(server, path);
        Assert.Equal((HttpStatusCode.TooManyRequests, "temporarily_unavailable"), (refused.Status, refused.Error));
        Assert.InRange(refused.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await PostAsync(server, path)).Response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_person_of_an_address_that_asks_too_often_sees_a_page_and_who_began_goes_on()
    {
        await using var server = await StartAsync();
        var flow = new Flow(server, stack.Client);
        var first = await flow.AuthorizeAsync();
        await flow.AuthorizeAsync();
        using var refused = await server.Client.GetAsync(Flow.AuthorizeUrl(flow.Request()), Cancel);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("a minute", await refused.Content.ReadAsStringAsync(Cancel));
        Assert.NotNull((await flow.FinishAsync(first)).Query("code"));
    }

    [Fact]
    public async Task A_limit_that_makes_no_sense_stops_the_start()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings: [(Setting, "0")]));
        Assert.Contains(Setting, refusal.Message);
    }

    [Fact]
    public async Task Stored_requests_that_expired_go_within_minutes()
    {
        await using var server = await StartAsync();
        await PostAsync(server, "/connect/par");
        Assert.Equal(1, await CountAsync(server));
        server.Time.Advance(TimeSpan.FromMinutes(11));
        for (var look = 0; look < 50 && await CountAsync(server) > 0; look++)
        {
            await Task.Delay(100, Cancel);
        }

        Assert.Equal(0, await CountAsync(server));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<RunningAuthServer> StartAsync() => RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
    [
        (Setting, "2"), ("Clients:0:ClientId", ConfiguredSurroundings.PublicId), ("Clients:0:RedirectUris:0", ConfiguredSurroundings.Callback),
        ("Clients:2:ClientId", ConfiguredSurroundings.DeviceId), ("Clients:2:GrantTypes:0", "urn:ietf:params:oauth:grant-type:device_code"),
    ]);

    private async Task<Answer> PostAsync(RunningAuthServer server, string path, params (string Name, string Value)[] more)
    {
        var request = path == "/connect/par"
            ? ConfiguredSurroundings.RequestOf(stack.Flow(), ConfiguredSurroundings.PublicId)
            : new Dictionary<string, string?> { ["client_id"] = ConfiguredSurroundings.DeviceId };
        foreach (var (name, value) in more)
        {
            request[name] = value;
        }

        return await Answer.OfAsync(await server.Client.PostAsync(path, new FormUrlEncodedContent(request!), Cancel));
    }

    private async Task<HttpResponseMessage> PostAuthorizeAsync(Dictionary<string, string?> request)
    {
        using var content = new FormUrlEncodedContent(request!);
        return await stack.Server.Client.PostAsync("/connect/authorize", content, Cancel);
    }

    private static async Task<int> CountAsync(RunningAuthServer server)
    {
        using var scope = server.Scope();
        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Tokens.CountAsync(Cancel);
    }
}
