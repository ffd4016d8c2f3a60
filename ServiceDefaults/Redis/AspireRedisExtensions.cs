using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

#pragma warning disable IDE0130 // The names are those of the package Aspire.StackExchange.Redis, whose place this takes.

namespace Aspire.StackExchange.Redis
{
    /// <summary>Settings of a Redis client: the part of Aspire.StackExchange.Redis that the services use.</summary>
    public sealed class StackExchangeRedisSettings
    {
        /// <summary>The StackExchange.Redis connection string. By default <c>ConnectionStrings:NAME</c>.</summary>
        public string? ConnectionString { get; set; }

        /// <summary>True leaves out the health check.</summary>
        public bool DisableHealthChecks { get; set; }
    }
}

namespace Microsoft.Extensions.Hosting
{
    /// <summary>
    /// The extension of the package Aspire.StackExchange.Redis, on StackExchange.Redis alone, for builds where that
    /// package is not to be had. Same names, section, health check and retries, as far as the services use them.
    /// </summary>
    public static class AspireRedisExtensions
    {
        private const string Section = "Aspire:StackExchange:Redis";

        /// <summary>Registers an <see cref="IConnectionMultiplexer"/> and its health check.</summary>
        /// <param name="builder">The service's builder.</param>
        /// <param name="connectionName">The name of the connection string.</param>
        /// <param name="configureSettings">Changes the settings after configuration was read.</param>
        /// <param name="configureOptions">Changes the client's options.</param>
        public static void AddRedisClient(
            this IHostApplicationBuilder builder,
            string connectionName,
            Action<StackExchangeRedisSettings>? configureSettings = null,
            Action<ConfigurationOptions>? configureOptions = null)
        {
            ArgumentNullException.ThrowIfNull(builder);
            ArgumentException.ThrowIfNullOrEmpty(connectionName);

            var settings = new StackExchangeRedisSettings();
            var section = builder.Configuration.GetSection(Section);
            section.Bind(settings);
            section.GetSection(connectionName).Bind(settings);
            settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
            configureSettings?.Invoke(settings);

            builder.Services.AddSingleton<IConnectionMultiplexer>(_ => Connect(connectionName, settings, configureOptions));

            if (!settings.DisableHealthChecks)
            {
                builder.Services.AddHealthChecks().AddRedis(
                    services => services.GetRequiredService<IConnectionMultiplexer>(), "StackExchange.Redis", HealthStatus.Unhealthy);
            }
        }

        private static ConnectionMultiplexer Connect(
            string name, StackExchangeRedisSettings settings, Action<ConfigurationOptions>? configureOptions)
        {
            if (string.IsNullOrEmpty(settings.ConnectionString))
            {
                throw new InvalidOperationException(
                    $"No Redis connection: set 'ConnectionStrings:{name}' or '{Section}:ConnectionString'.");
            }

            var options = ConfigurationOptions.Parse(settings.ConnectionString);
            // A Redis that is away at start or later comes back without a restart of ours.
            options.AbortOnConnectFail = false;
            configureOptions?.Invoke(options);
            return ConnectionMultiplexer.Connect(options);
        }
    }
}
