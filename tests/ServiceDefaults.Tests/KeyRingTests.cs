using McpAspire.ServiceDefaults.KeyRing;
using McpAspire.TestKit;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

public sealed class KeyRingTests : IDisposable
{
    private readonly RedisServer _redis = new();

    public void Dispose() => _redis.Dispose();

    [Fact]
    public void Replicas_of_a_service_read_each_other_and_other_services_do_not()
    {
        using var first = Service("one");
        using var second = Service("one");
        using var other = Service("two");
        var text = Protector(first).Protect("hello");

        Assert.Equal("hello", Protector(second).Unprotect(text));
        Assert.ThrowsAny<Exception>(() => Protector(other).Unprotect(text));
    }

    [Fact]
    public async Task Redis_holds_the_keys_wrapped()
    {
        using var service = Service("one");
        _ = Protector(service).Protect("hello");

        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        var stored = string.Concat((await redis.GetDatabase().ListRangeAsync("one:key-ring")).Select(value => value.ToString()));
        Assert.Contains("wrappedKey", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", stored, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_wrapping_key_the_ring_stays_shut()
    {
        using var service = Service("one");
        var text = Protector(service).Protect("hello");
        using var thief = Service("one", wrappingKey: new string('t', 44));
        Assert.ThrowsAny<Exception>(() => Protector(thief).Unprotect(text));
    }

    private IHost Service(string name, string? wrappingKey = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:sessions"] = _redis.ConnectionString;
        builder.Configuration["DataProtection:WrappingKey"] = wrappingKey ?? new string(name[0], 44);
        builder.Logging.ClearProviders();
        builder.AddRedisClient("sessions");
        builder.AddKeyRingInRedis(name);
        return builder.Build();
    }

    private static IDataProtector Protector(IHost service) => service.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
}
