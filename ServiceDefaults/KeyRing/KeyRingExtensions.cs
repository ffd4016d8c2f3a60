using McpAspire.ServiceDefaults.Redis;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace McpAspire.ServiceDefaults.KeyRing;

/// <summary>Registers a service's key ring.</summary>
public static class KeyRingExtensions
{
    /// <summary>
    /// Keeps the service's DataProtection key ring in Redis under its own prefix, wrapped by its <see cref="WrappingKey"/>,
    /// so that all its replicas read the same cookies and nobody who reads Redis does. Needs a Redis client. Warns at the
    /// start where that Redis would lose it.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="service">The service's name: application name of the ring and prefix of its Redis key.</param>
    public static void AddKeyRingInRedis(this IHostApplicationBuilder builder, string service)
    {
        builder.AddWrappingKey();
        builder.Services.AddHostedService<RedisDurabilityCheck>();
        builder.Services.AddDataProtection().SetApplicationName(service);
        builder.Services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(services =>
            new ConfigureOptions<KeyManagementOptions>(options =>
            {
                var redis = services.GetRequiredService<IConnectionMultiplexer>();
                options.XmlRepository = new RedisXmlRepository(() => redis.GetDatabase(), $"{service}:key-ring");
                options.XmlEncryptor = new WrappedXmlEncryptor(services.GetRequiredService<WrappingKey>());
            }));
    }

    /// <summary>Registers the service's <see cref="WrappingKey"/>.</summary>
    /// <param name="builder">The service's builder.</param>
    public static void AddWrappingKey(this IHostApplicationBuilder builder) =>
        builder.Services.AddSingleton(WrappingKey.From(builder.Configuration, builder.Environment));
}
