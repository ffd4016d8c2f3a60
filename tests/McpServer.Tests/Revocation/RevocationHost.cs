using System.Net;
using McpAspire.McpServer.Tests.Stack;
using McpAspire.ServiceDefaults.Revocation;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Hosting;
using StackExchange.Redis;

namespace McpAspire.McpServer.Tests.Revocation;

/// <summary>McpServer with a Redis, and what an authorization server writes there.</summary>
public class RevocationHost : McpServerHost
{
    internal RedisServer Redis { get; } = new();

    /// <summary>Where McpServer finds its Redis.</summary>
    internal string ConnectionString { get; set; } = "";

    /// <summary>Whether the test waits until revocations are known.</summary>
    internal bool StartsFresh { get; init; } = true;

    /// <summary>The setting <c>Revocation:OpenToolsGoOn</c>.</summary>
    internal bool OpenToolsGoOn { get; init; }

    public override async ValueTask InitializeAsync()
    {
        ConnectionString = ConnectionString is "" ? Redis.ConnectionString : ConnectionString;
        if (StartsFresh)
        {
            await SetMarkAsync();
        }

        await base.InitializeAsync();
        if (StartsFresh)
        {
            await BecomesAsync(HttpStatusCode.OK, () => Token());
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Redis.Dispose();
        GC.SuppressFinalize(this);
    }

    internal Task SetMarkAsync() => AsAuthorizationServerAsync(database => database.StringSetAsync(RevocationPlaces.CompleteMark, "1"));

    internal Task RemoveMarkAsync() => AsAuthorizationServerAsync(database => database.KeyDeleteAsync(RevocationPlaces.CompleteMark));

    internal Task PublishAsync(string message) => AsAuthorizationServerAsync(
        database => database.PublishAsync(RedisChannel.Literal(RevocationPlaces.Channel), message));

    internal Task StoreAsync(string member, DateTimeOffset expiresAt) => AsAuthorizationServerAsync(
        database => database.SortedSetAddAsync(RevocationPlaces.Entries, member, expiresAt.ToUnixTimeSeconds()));

    internal RevocationEntry Entry(RevokedKind kind, string id) => new(
        kind, id, kind == RevokedKind.Subject ? Time.GetUtcNow() : null, Time.GetUtcNow().AddMinutes(5));

    /// <summary>An entry, as the authorization server tells it.</summary>
    internal async Task RevokeAsync(RevokedKind kind, string id)
    {
        var entry = Entry(kind, id);
        await StoreAsync(entry.Member, entry.ExpiresAt);
        await PublishAsync(entry.Message);
    }

    internal async Task<HttpStatusCode> EchoAsync(string token)
    {
        using var response = await this.SendAsync(McpRequests.Echo(token));
        return response.StatusCode;
    }

    /// <summary>Lets the clock go on, second by second, until the tool answers so.</summary>
    internal Task BecomesAsync(HttpStatusCode status, Func<string> token) => Eventually.BeTrueAsync(
        async () =>
        {
            if (await EchoAsync(token()) == status)
            {
                return true;
            }

            Time.Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        $"{status}", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

    internal int CountLogs(string start) => Logs.Lines.Count(line => line.StartsWith(start, StringComparison.Ordinal));

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("ConnectionStrings:sessions", ConnectionString);
        builder.UseSetting("Revocation:OpenToolsGoOn", $"{OpenToolsGoOn}");
    }

    private async Task AsAuthorizationServerAsync(Func<IDatabase, Task> act)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Redis.ConnectionString);
        await act(redis.GetDatabase());
    }
}
