using System.Diagnostics;
using System.Net;
using System.Text.Json;
using McpAspire.ServiceDefaults.Outbound;
using McpAspire.ServiceDefaults.PublicUrls;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

public sealed class OutboundGuardTests : IAsyncLifetime
{
    private readonly int _port = FreePort.Next();
    private WebApplication _stranger = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = $"http://127.0.0.1:{_port}";
        builder.Logging.ClearProviders();
        _stranger = builder.Build();
        _stranger.MapGet("/small", () => Results.Json(new { ok = true }));
        _stranger.MapGet("/large", () => Results.Text(new string('x', 6000)));
        _stranger.MapGet("/redirect", () => Results.Redirect("/small"));
        foreach (var encoding in (string[])["gzip", "br"])
        {
            _stranger.MapGet($"/broken-{encoding}", (HttpResponse response) =>
            {
                response.Headers.ContentEncoding = encoding;
                return Results.Bytes("this was never packed"u8.ToArray());
            });
        }

        _stranger.MapGet("/headers", (HttpRequest request) => Results.Json(request.Headers.Keys));
        _stranger.MapGet("/slow", async (CancellationToken cancellationToken) => await Task.Delay(Timeout.Infinite, cancellationToken));
        await _stranger.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync() => await _stranger.DisposeAsync();

    [Fact]
    public async Task A_trusted_host_answers()
    {
        using var guard = Guard("https://auth.example.com", $"127.0.0.1:{_port}");
        var answer = await guard.GetJsonAsync(Url("/small"), 5120, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("application/json", answer.MediaType);
    }

    [Fact]
    public async Task What_the_operator_trusts_is_not_for_strangers_even_over_a_connection_that_is_open()
    {
        using var guard = Guard("https://auth.example.com", $"127.0.0.1:{_port}");
        await guard.GetJsonAsync(Url("/small"), 5120, Cancel);
        var refusal = await Assert.ThrowsAsync<OutboundException>(() => guard.ForStrangers.GetJsonAsync(Url("/small"), 5120, Cancel));
        Assert.Contains("https", refusal.Message, StringComparison.Ordinal);

        using var inside = Guard("https://auth.example.com", "127.0.0.0/8");
        refusal = await Assert.ThrowsAsync<OutboundException>(() => inside.ForStrangers.GetJsonAsync(new Uri($"https://127.0.0.1:{_port}/small"), 5120, Cancel));
        Assert.Contains("trusted network", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.0/8", "https://127.0.0.1:{0}/small", true)]
    [InlineData("127.0.0.1/32", "https://localhost:{0}/small", true)]
    [InlineData("127.0.0.0/8", "https://[::ffff:127.0.0.1]:{0}/small", true)]
    [InlineData("10.0.0.0/8", "https://127.0.0.1:{0}/small", false)]
    [InlineData("::/96", "https://127.0.0.1:{0}/small", false)]
    public async Task An_address_in_a_trusted_network_is_asked(string network, string url, bool asked)
    {
        using var guard = Guard("https://auth.example.com", network);
        var refusal = await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(
            new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, _port)), 5120, Cancel));
        // The server there speaks no TLS: that it fails at this shows that it was asked.
        Assert.Equal(asked, refusal.Message.Contains("can't be reached", StringComparison.Ordinal));
        Assert.Equal(asked, !refusal.Message.Contains("trusted network", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_trusted_network_is_not_asked_over_plain_http()
    {
        using var guard = Guard("https://auth.example.com", "127.0.0.0/8");
        var refusal = await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(Url("/small"), 5120, Cancel));
        Assert.Contains("https", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inside")]
    [InlineData("inside.example:8080")]
    [InlineData("inside.example:443")]
    [InlineData("10.1.2.3:80")]
    [InlineData("[fd00::1]:8080")]
    [InlineData("10.1.0.0/16")]
    [InlineData("fd00::/8")]
    public async Task Hosts_and_networks_can_be_trusted(string entry) =>
        await (await TestService.StartAsync(("Outbound:TrustedHosts:0", entry))).DisposeAsync();

    [Theory]
    [InlineData("Outbound:TrustedHosts:0", "")]
    [InlineData("Outbound:TrustedHosts:0", "https://inside.example")]
    [InlineData("Outbound:TrustedHosts:0", "inside.example/mcp")]
    [InlineData("Outbound:TrustedHosts:0", "*.inside.example")]
    [InlineData("Outbound:TrustedHosts:0", "somebody@inside.example")]
    [InlineData("Outbound:TrustedHosts:0", "inside.example:99999")]
    [InlineData("Outbound:TrustedHosts:0", "10.1.2.3/16")]
    [InlineData("Outbound:TrustedHosts:0", "10.1.0.0/33")]
    [InlineData("Outbound:TrustedHosts:0", "0.0.0.0/0")]
    [InlineData("Outbound:TrustedHosts:0", "::/0")]
    [InlineData("Outbound:Timeout", "00:00:00")]
    public async Task What_is_no_host_or_network_or_no_time_stops_the_start(string setting, string value)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => TestService.StartAsync((setting, value)));
        Assert.Contains(setting.Replace(":0", "", StringComparison.Ordinal), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_on_loopback_may_ask_loopback()
    {
        using var guard = Guard("http://localhost:5100");
        Assert.Equal(HttpStatusCode.OK, (await guard.GetJsonAsync(Url("/small"), 5120, Cancel)).Status);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/small")]
    [InlineData("https://127.0.0.1:{0}/small")]
    [InlineData("https://localhost:{0}/small")]
    [InlineData("https://[::ffff:127.0.0.1]:{0}/small")]
    [InlineData("https://10.0.0.1/small")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("http://example.com/")]
    [InlineData("https://user@example.com/")]
    [InlineData("file:///etc/passwd")]
    public async Task A_public_service_asks_no_inner_address_and_nothing_over_plain_http(string url)
    {
        using var guard = Guard("https://auth.example.com");
        await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(
            new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, _port)), 5120, Cancel));
    }

    [Fact]
    public async Task A_service_on_loopback_asks_no_other_inner_address()
    {
        using var guard = Guard("http://localhost:5100");
        await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(new Uri("https://169.254.169.254/latest"), 5120, Cancel));
    }

    [Fact]
    public async Task Loopback_is_out_of_bounds_outside_Development()
    {
        using var guard = Guard("https://localhost", environmentName: Environments.Production);
        await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(Url("/small"), 5120, Cancel));
        await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(new Uri($"https://localhost:{_port}/small"), 5120, Cancel));
    }

    [Fact]
    public async Task A_body_that_can_not_be_unpacked_is_refused()
    {
        using var guard = Guard("http://localhost:5100");
        await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(Url("/broken-gzip"), 5120, Cancel));
        await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(Url("/broken-br"), 5120, Cancel));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        using var guard = Guard("http://localhost:5100");
        Assert.Equal(HttpStatusCode.Redirect, (await guard.GetJsonAsync(Url("/redirect"), 5120, Cancel)).Status);
    }

    [Fact]
    public async Task A_stranger_gets_no_trace_context_of_the_request_that_made_us_ask()
    {
        // Whoever listens, as OpenTelemetry does, has the framework make an activity for each request.
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var inbound = new Activity("inbound") { TraceStateString = "vendor=inside" };
        inbound.SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded).AddBaggage("person", "alice").Start();

        using var guard = Guard("http://localhost:5100");
        var answer = await guard.GetJsonAsync(Url("/headers"), 5120, Cancel);
        Assert.Equal(["Accept", "Host"], JsonSerializer.Deserialize<string[]>(answer.Body.Span)!.Except(["Accept-Encoding"]).Order());
    }

    [Fact]
    public async Task A_body_over_the_cap_is_refused()
    {
        using var guard = Guard("http://localhost:5100");
        var exception = await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(Url("/large"), 5120, Cancel));
        Assert.Contains("larger", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_takes_too_long_is_given_up()
    {
        using var guard = Guard("http://localhost:5100", timeout: TimeSpan.FromMilliseconds(200));
        var exception = await Assert.ThrowsAsync<OutboundException>(() => guard.GetJsonAsync(Url("/slow"), 5120, Cancel));
        Assert.Contains("did not answer", exception.Message, StringComparison.Ordinal);
    }

    private static OutboundGuard Guard(string publicUrl, string? trusted = null, TimeSpan? timeout = null, string? environmentName = null)
    {
        var options = new OutboundOptions { Timeout = timeout ?? TimeSpan.FromSeconds(3) };
        if (trusted is not null)
        {
            options.TrustedHosts.Add(trusted);
        }

        var environment = new HostingEnvironment { EnvironmentName = environmentName ?? Environments.Development };
        return new OutboundGuard(Options.Create(options), PublicUrl.Parse(publicUrl, development: true), environment);
    }

    private Uri Url(string path) => new($"http://127.0.0.1:{_port}{path}");
}
