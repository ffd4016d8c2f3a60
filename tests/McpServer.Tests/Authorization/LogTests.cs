using System.Net;
using McpAspire.McpServer.Tests.Stack;
using McpAspire.TestKit;

namespace McpAspire.McpServer.Tests.Authorization;

public sealed class LogTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    [Fact]
    public async Task No_token_is_in_any_log_at_any_level()
    {
        string[] tokens =
        [
            host.Token(),
            host.Token(jwt => jwt.Payload["exp"] = 1),
            host.Token(jwt => jwt.Payload["aud"] = "https://other.example"),
            host.Token(jwt => jwt.Payload["iss"] = "https://other.example"),
            host.Token(jwt => jwt.Payload.Remove("iat")),
            host.Token(jwt => jwt.Payload["scope"] = "openid"),
            host.GoodToken().Unsigned() + "unsigned",
            host.Token() + "x",
            "not-a-jwt-but-somebodys-secret",
        ];
        foreach (var token in tokens)
        {
            (await host.SendAsync(McpRequests.Echo(token))).Dispose();
            (await host.SendAsync(McpRequests.Call("whoami", token: token))).Dispose();
            using var inQuery = McpRequests.Echo(token: null);
            inQuery.RequestUri = new Uri($"/mcp?access_token={token}", UriKind.Relative);
            (await host.SendAsync(inQuery)).Dispose();
        }

        Assert.Contains(host.Logs.Lines, line => line.StartsWith("Trace ModelContextProtocol", StringComparison.Ordinal));
        Assert.Contains(host.Logs.Lines, line => line.StartsWith("Debug Microsoft.AspNetCore", StringComparison.Ordinal));
        foreach (var token in tokens)
        {
            // A part of a token is as bad as the whole.
            foreach (var part in token.Split('.').Where(static part => part.Length > 20))
            {
                Assert.DoesNotContain(host.Logs.Lines, line => line.Contains(part, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_call_and_a_refusal_are_audit_events()
    {
        using (var called = await host.SendAsync(McpRequests.Call("whoami", token: host.Token(jwt => jwt.Payload["sub"] = "audited"))))
        {
            Assert.Equal(HttpStatusCode.OK, called.StatusCode);
        }

        await AssertAuditedAsync("Allowed: subject audited, client test-client, tool whoami: done");

        (await host.SendAsync(McpRequests.Call("read_diary", token: host.Token(jwt => jwt.Payload["sub"] = "short-of-scope")))).Dispose();
        await AssertAuditedAsync("Refused: subject short-of-scope, client test-client, POST /mcp: insufficient_scope");

        (await host.SendAsync(McpRequests.Echo(host.Token(jwt => jwt.Payload["exp"] = 1)))).Dispose();
        await AssertAuditedAsync("Refused: subject -, client -, POST /mcp: invalid_token: The access token expired at 1970-01-01T00:00:01Z.");

        (await host.SendAsync(McpRequests.Call("secure_echo", token: host.Token(jwt => jwt.Payload["sub"] = "wrong-arguments")))).Dispose();
        await AssertAuditedAsync("Refused: subject wrong-arguments, client test-client, tool secure_echo");
    }

    private Task AssertAuditedAsync(string text) => Eventually.BeTrueAsync(
        () => Task.FromResult(host.Logs.Lines.Any(line => line.StartsWith("Information McpAspire.Audit: " + text, StringComparison.Ordinal))),
        text, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
}
