using System.Net;
using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Authorization;

/// <summary>A token that was found good is remembered; that must not outlive what made it good.</summary>
public sealed class RepeatedTokenTests : IAsyncLifetime
{
    private readonly McpServerHost _host = new();

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_token_that_was_good_is_refused_once_it_expires()
    {
        var token = _host.Token();
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(token));
        _host.Time.Advance(TimeSpan.FromSeconds(329));
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(token));
        _host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await EchoAsync(token));
    }

    [Fact]
    public async Task A_token_that_was_good_is_refused_once_its_key_is_withdrawn()
    {
        using var key = SigningKey.Es256();
        _host.AuthorizationServer.Keys.Add(key);
        var jwt = _host.GoodToken();
        jwt.Payload["exp"] = _host.Time.GetUtcNow().AddDays(1).ToUnixTimeSeconds();
        var token = jwt.Sign(key);
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(token));
        _host.AuthorizationServer.Keys.Remove(key);
        _host.Time.Advance(IssuerKeys.MaxAge);
        Assert.Equal(HttpStatusCode.Unauthorized, await EchoAsync(token));
    }

    [Fact]
    public async Task A_token_that_was_good_is_checked_anew_when_the_keys_were_fetched_anew()
    {
        var token = _host.Token(jwt => jwt.Payload["exp"] = _host.Time.GetUtcNow().AddDays(1).ToUnixTimeSeconds());
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(token));
        _host.Time.Advance(IssuerKeys.MaxAge);
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(token));
        Assert.Equal(HttpStatusCode.OK, await EchoAsync(token));
    }

    private async Task<HttpStatusCode> EchoAsync(string token)
    {
        using var response = await _host.SendAsync(McpRequests.Echo(token));
        return response.StatusCode;
    }
}
