using System.Net;
using McpAspire.McpServer.Tests.Stack;
using Microsoft.AspNetCore.Hosting;

namespace McpAspire.McpServer.Tests.Authorization;

public sealed class CallLimitTests
{
    [Fact]
    public async Task One_person_through_one_client_may_make_so_many_calls_a_minute()
    {
        await using var host = new HostWithLimit();
        await host.InitializeAsync();
        for (var i = 0; i < HostWithLimit.CallsPerMinute; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await EchoAsync(host, host.Token()));
        }

        using (var refused = await host.SendAsync(McpRequests.Echo(host.Token())))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Equal("too_many_requests", (string?)(await refused.JsonAsync())["error"]);
        }

        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host, host.Token(jwt => jwt.Payload["sub"] = "another")));
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(host, host.Token(jwt => jwt.Payload["client_id"] = "another")));
    }

    private static async Task<HttpStatusCode> EchoAsync(McpServerHost host, string token)
    {
        using var response = await host.SendAsync(McpRequests.Echo(token));
        return response.StatusCode;
    }

    private sealed class HostWithLimit : McpServerHost
    {
        public const int CallsPerMinute = 3;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("CallsPerMinute", $"{CallsPerMinute}");
        }
    }
}
