using System.Security.Claims;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Fakes;

/// <summary>Everything that a journey needs: Redis, an authorization server, an MCP server, ClientWeb.</summary>
public sealed class World : IAsyncLifetime
{
    internal RedisServer Redis { get; } = new();

    internal FakeAuthorizationServer AuthorizationServer { get; private set; } = null!;

    internal FakeMcpServer McpServer { get; private set; } = null!;

    internal ClientWebHost ClientWeb { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        AuthorizationServer = await FakeAuthorizationServer.StartAsync();
        McpServer = await FakeMcpServer.StartAsync(AuthorizationServer);
        ClientWeb = new ClientWebHost(McpServer.Url, Redis.ConnectionString).Started();
    }

    public async ValueTask DisposeAsync()
    {
        await ClientWeb.DisposeAsync();
        await McpServer.DisposeAsync();
        await AuthorizationServer.DisposeAsync();
        Redis.Dispose();
    }

    /// <summary>Another process of ClientWeb with the same identity and stores.</summary>
    internal ClientWebHost StartReplica() =>
        new ClientWebHost(McpServer.Url, Redis.ConnectionString, FreePort.Next(), ClientWeb.Url).Started();

    /// <summary>ClientWeb with another Redis connection, listening at a port of its own.</summary>
    internal ClientWebHost StartReplica(string redis, int port) =>
        new ClientWebHost(McpServer.Url, redis, port, ClientWeb.Url).Started();

    /// <summary>Stops ClientWeb and starts it again at the same address.</summary>
    internal async Task RestartClientWebAsync()
    {
        await ClientWeb.DisposeAsync();
        ClientWeb = new ClientWebHost(McpServer.Url, Redis.ConnectionString, new Uri(ClientWeb.Url).Port).Started();
    }

    /// <summary>Signs Alice in.</summary>
    internal async Task<TestBrowser> SignInAsync()
    {
        var browser = new TestBrowser(ClientWeb.Url);
        await browser.OpenAsync("/");
        await browser.SubmitAsync("/signin");
        Assert.Contains("Alice Adams", browser.Text, StringComparison.Ordinal);
        return browser;
    }

    /// <summary>The session key in a browser's cookie, which only ClientWeb can open.</summary>
    internal string SessionKeyOf(TestBrowser browser)
    {
        var options = ClientWeb.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>()
            .Get(CookieAuthenticationDefaults.AuthenticationScheme);
        AuthenticationTicket? ticket = options.TicketDataFormat.Unprotect(browser.Cookies[SessionCookie.Name]);
        ClaimsPrincipal user = Assert.IsType<AuthenticationTicket>(ticket).Principal;
        return Assert.Single(user.Claims).Value;
    }
}
