using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.Documents;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.AuthServer.Clients.RedirectUris;
using McpAspire.ServiceDefaults.Outbound;
using McpAspire.ServiceDefaults.PublicUrls;
using McpAspire.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace McpAspire.AuthServer.Tests;

public sealed class RuleTests
{
    [Theory]
    [InlineData("https://mcp.example.com", "https://mcp.example.com/", true)]
    [InlineData("https://mcp.example.com", "HTTPS://MCP.EXAMPLE.COM:443", true)]
    [InlineData("https://mcp.example.com/mcp", "https://mcp.example.com/mcp/", false)]
    [InlineData("https://mcp.example.com/mcp", "https://mcp.example.com/MCP", false)]
    [InlineData("https://mcp.example.com/mcp", "https://mcp.example.com/x/../mcp", false)]
    [InlineData("https://mcp.example.com/mcp", "https://mcp.example.com/mcp?x", false)]
    [InlineData("https://mcp.example.com/mcp", "https://mcp.example.com/mcp#x", false)]
    [InlineData("https://mcp.example.com/mcp", "http://mcp.example.com/mcp", false)]
    [InlineData("https://mcp.example.com/mcp", "https://user@mcp.example.com/mcp", false)]
    public void Resources_are_compared_by_the_rule(string configured, string asked, bool equal)
    {
        var found = Resources(configured).Find(asked);
        Assert.Equal(equal ? configured : null, found?.Uri);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not a url")]
    [InlineData("https://mcp.example.com/#fragment")]
    public void A_resource_that_is_missing_or_no_url_stops_the_start(string? configured) =>
        Assert.Contains("Resources", Assert.Throws<InvalidOperationException>(() => Resources(configured)).Message);

    [Theory]
    [InlineData("http://localhost:5100", "Development", "http://localhost:5300/client.json", true)]
    [InlineData("http://localhost:5100", "Development", "http://client.example/client.json", false)]
    [InlineData("https://auth.example", "Development", "http://localhost:5300/client.json", false)]
    [InlineData("https://localhost", "Production", "http://localhost:5300/client.json", false)]
    [InlineData("https://auth.example", "Production", "https://client.example/client.json", true)]
    public void A_client_id_over_http_is_for_loopback_in_Development_only(string issuer, string environment, string clientId, bool allowed)
    {
        var address = new DocumentAddress(
            PublicUrl.Parse(issuer, development: true), new HostingEnvironment { EnvironmentName = environment });
        var refusal = Record.Exception(() => address.Check(clientId));
        Assert.Equal(allowed, refusal is null);
        Assert.True(allowed || refusal is ClientRefusedException);
    }

    /// <summary>A dot at the end of a host names the same site, past what an operator denied; a line break would forge a line of a log.</summary>
    [Theory]
    [InlineData("https://client.example./client.json")]
    [InlineData("https://client.example/client.json?\nfake: line")]
    [InlineData("https://client.example/\u001b[31m")]
    [InlineData("https://client.example/a\\b")]
    [InlineData("https://client.example/\u00fc")]
    public void A_client_id_that_is_a_URL_is_written_as_a_URI_is_and_its_host_one_way(string clientId)
    {
        var address = new DocumentAddress(PublicUrl.Parse("https://auth.example", development: false), new HostingEnvironment { EnvironmentName = "Production" });
        Assert.Throws<ClientRefusedException>(() => address.Check(clientId));
    }

    [Theory]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", true, true)]
    [InlineData("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb", true, true)]
    [InlineData("http://[::1]/cb", "http://[::1]:2/cb", true, true)]
    [InlineData("http://localhost/cb", "http://localhost:2/cb", true, true)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", false, false)]
    [InlineData("http://127.0.0.1/cb", "http://localhost:49152/cb", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb?x", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152/other", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://user@127.0.0.1:49152/cb", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb", true, false)]
    [InlineData("http://127.0.0.1/cb?a=1", "http://127.0.0.1:49152/cb?a=1", true, true)]
    [InlineData("http://127.0.0.1", "http://127.0.0.1:49152/", true, true)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152/x/../cb", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152/%63b", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152\\cb", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.1:49152/cb", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb\n", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:70000/cb", true, false)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb#x", true, false)]
    [InlineData("http://127.0.0.1/cb", "HTTP://127.0.0.1:49152/cb", true, false)]
    [InlineData("https://a.example/\u00FC", "https://a.example/\u00FC", false, false)]
    [InlineData("https://a.example/cb", "https://a.example:444/cb", true, false)]
    [InlineData("https://a.example/cb", "https://a.example/cb", false, true)]
    [InlineData("https://a.example/cb", "https://A.example/cb", false, false)]
    public void Redirect_uris_are_exact_but_for_the_port_of_a_native_client(string registered, string asked, bool native, bool equal) =>
        Assert.Equal(equal, RedirectUri.Matches(registered, asked, native));

    [Theory]
    [InlineData("cursor://anysphere.cursor-deeplink/mcp/auth", true)]
    [InlineData("com.example.app:/callback", true)]
    [InlineData("vscode://vscode.github-authentication/did-authenticate", true)]
    [InlineData("myapp://callback", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("data:text/html,x", false)]
    public void Private_use_schemes_need_a_dot_or_a_name(string uri, bool allowed)
    {
        var rules = new RedirectUriRules(RedirectUriOptions.From(new ConfigurationBuilder().Build()));
        if (allowed)
        {
            rules.Check(uri);
        }
        else
        {
            Assert.Throws<ClientRefusedException>(() => rules.Check(uri));
        }
    }

    [Theory]
    [InlineData("abcd", "abcd")]
    [InlineData("abcde", "abc…")]
    [InlineData("ab\U0001F600", "ab\U0001F600")]
    [InlineData("ab\U0001F600c", "ab…")]
    [InlineData("a\U0001F600bc", "a\U0001F600…")]
    public void A_text_that_is_cut_ends_in_a_whole_character(string text, string cut) => Assert.Equal(cut, ShortText.Of(text, 4));

    [Fact]
    public void Scopes_are_named_in_full_and_in_one_order()
    {
        Assert.Equal(["mcp:tools", "notes:read", "notes:write"], ScopeCatalog.InFull(["notes:write", "mcp:tools"]));
        Assert.Equal(["mcp:tools"], ScopeCatalog.Asked([]));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(60, "Cache-Control: max-age=10")]
    [InlineData(600, "Cache-Control: max-age=600")]
    [InlineData(500, "Cache-Control: max-age=600", "Age: 100")]
    [InlineData(86400, "Cache-Control: max-age=999999")]
    [InlineData(60, "Cache-Control: no-store")]
    [InlineData(300, "Cache-Control: public")]
    [InlineData(600, "Expires: Thu, 01 Jan 2026 00:10:00 GMT")]
    [InlineData(540, "Date: Thu, 01 Jan 2026 00:01:00 GMT", "Expires: Thu, 01 Jan 2026 00:10:00 GMT")]
    [InlineData(600, "Date: Thu, 01 Jan 2015 00:00:00 GMT", "Expires: Thu, 01 Jan 2015 00:10:00 GMT")]
    [InlineData(500, "Date: Thu, 01 Jan 2026 00:00:00 GMT", "Expires: Thu, 01 Jan 2026 00:10:00 GMT", "Age: 100")]
    [InlineData(600, "Date: never", "Expires: Thu, 01 Jan 2026 00:10:00 GMT")]
    [InlineData(86400, "Date: Thu, 01 Jan 2026 00:00:00 GMT", "Expires: Mon, 01 Jan 2046 00:00:00 GMT")]
    [InlineData(60, "Date: Thu, 01 Jan 2026 00:00:00 GMT", "Expires: Wed, 31 Dec 2025 00:00:00 GMT")]
    [InlineData(60, "Expires: 0")]
    [InlineData(60, "Expires: -1")]
    [InlineData(60, "Expires: tomorrow")]
    [InlineData(120, "Cache-Control: max-age=120", "Expires: Thu, 01 Jan 2026 00:10:00 GMT")]
    [InlineData(120, "Cache-Control: max-age=120", "Expires: 0")]
    [InlineData(600, "Cache-Control: public", "Expires: Thu, 01 Jan 2026 00:10:00 GMT")]
    [InlineData(60, "Cache-Control: no-cache", "Expires: Thu, 01 Jan 2026 00:10:00 GMT")]
    public void Documents_are_kept_as_their_headers_say_within_bounds(int seconds, params string[] headers)
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent([]) };
        foreach (var header in headers.Select(header => header.Split(": ", 2)))
        {
            Assert.True(response.Headers.TryAddWithoutValidation(header[0], header[1]) || response.Content.Headers.TryAddWithoutValidation(header[0], header[1]));
        }

        var answer = new OutboundAnswer(System.Net.HttpStatusCode.OK, response.Headers, "application/json", response.Content.Headers.Expires, default);
        var now = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(seconds), new Freshness(new DocumentOptions(), now).Of(answer));
    }

    [Theory]
    [InlineData("http://localhost:5200/mcp", true, true)]
    [InlineData("http://localhost:5200/mcp", false, false)]
    [InlineData("http://mcp.example.com/mcp", true, false)]
    [InlineData("https://mcp.example.com/mcp", false, true)]
    public void A_resource_over_plain_http_is_for_loopback_in_Development(string configured, bool development, bool allowed)
    {
        if (allowed)
        {
            Assert.Equal(configured, Resources(configured, development).Default.Uri);
        }
        else
        {
            Assert.Contains("https", Assert.Throws<InvalidOperationException>(() => Resources(configured, development)).Message);
        }
    }

    private static ResourceIndicators Resources(string? uri, bool development = true) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(uri is null ? [] : [new("Resources:0:Uri", uri)]).Build(), development);

    [Fact]
    public void A_value_in_an_audit_event_can_not_forge_another_event()
    {
        using var logs = new CapturedLogs();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(logs));
        new Audit.AuditLog(factory.CreateLogger<Audit.AuditLog>())
            .ApplicationRemoved("alice", "evil\r\nInformation: Signed in: account {Account}\u2028\u202E" + new string('x', 1000));
        var line = Assert.Single(logs.Lines);
        Assert.DoesNotContain('\n', line);
        Assert.Contains("client evil\\u000D\\u000AInformation: Signed in: account {Account}\\u2028\\u202E", line, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('x', 500), line, StringComparison.Ordinal);
    }
}
