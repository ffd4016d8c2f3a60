using System.Text.Json;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Storage;
using McpAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>An AuthServer, its revocations in Redis, and two clients that want to be told of logouts.</summary>
public sealed class EndingsSurroundings : IAsyncLifetime
{
    internal RedisServer Redis { get; } = new();

    internal RunningAuthServer Server { get; private set; } = null!;

    internal TestClient One { get; private set; } = null!;

    internal TestClient Other { get; private set; } = null!;

    internal RevocationsInRedis Revocations { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningAuthServer.StartAsync(
            Redis.ConnectionString, settings:
            [
                ("Accounts:0:UserName", "carol"), ("Accounts:0:Password", "carol"), ("Accounts:1:UserName", "dora"), ("Accounts:1:Password", "dora"),
            ]);
        One = await TestClient.StartAsync();
        Other = await TestClient.StartAsync();
        One.Document["backchannel_logout_uri"] = One.BackChannelLogout;
        Other.Document["backchannel_logout_uri"] = Other.BackChannelLogout;
        Other.Document["backchannel_logout_session_required"] = true;
        Revocations = await RevocationsInRedis.ReadAsync(Redis);
    }

    internal async Task ActAsync(Func<EndingActs, AuthDbContext, Task> act)
    {
        using var scope = Server.Scope();
        await act(scope.ServiceProvider.GetRequiredService<EndingActs>(), scope.ServiceProvider.GetRequiredService<AuthDbContext>());
    }

    /// <summary>The logout token, with everything that a client checks (OpenID Connect Back-Channel Logout §2.6).</summary>
    internal async Task<JsonWebToken> ValidatedAsync(string logoutToken, TestClient client)
    {
        var keys = new JsonWebKeySet(await Server.Client.GetStringAsync("/.well-known/jwks", TestContext.Current.CancellationToken));
        var now = Server.Time.GetUtcNow().UtcDateTime;
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(logoutToken, new TokenValidationParameters
        {
            ValidIssuer = Server.Issuer,
            ValidAudience = client.Id,
            ValidTypes = ["logout+jwt"],
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            IssuerSigningKeys = keys.GetSigningKeys(),
            LifetimeValidator = (_, expires, _, _) => expires > now && expires <= now + TimeSpan.FromMinutes(2),
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        var token = (JsonWebToken)result.SecurityToken;
        Assert.Equal("{}", token.GetPayloadValue<JsonElement>("events").GetProperty("http://schemas.openid.net/event/backchannel-logout").ToString());
        Assert.False(token.TryGetPayloadValue<string>("nonce", out _));
        Assert.True(token.IssuedAt > DateTime.MinValue && token.Id.Length > 0);
        return token;
    }

    /// <summary>Waits until a client was told of exactly these sessions (null: of the person alone), and no other.</summary>
    internal async Task ToldAsync(TestClient client, string subject, params string?[] sessions)
    {
        await Eventually.BeTrueAsync(
            () => Task.FromResult(client.LogoutTokens.Count >= sessions.Length), $"{sessions.Length} logout tokens", cancellationToken: TestContext.Current.CancellationToken);
        var told = new List<string?>();
        while (client.LogoutTokens.TryDequeue(out var text))
        {
            var token = await ValidatedAsync(text, client);
            Assert.Equal(subject, token.Subject);
            told.Add(token.TryGetPayloadValue<string>("sid", out var sid) ? sid : null);
        }

        Assert.Equal(sessions.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Revocations.DisposeAsync();
        await One.DisposeAsync();
        await Other.DisposeAsync();
        await Server.DisposeAsync();
        Redis.Dispose();
    }
}
