using McpAspire.ServiceDefaults.Revocation;
using StackExchange.Redis;

namespace McpAspire.McpServer.Revocation;

/// <summary>Hears of revocations, so that what was ended is refused within seconds.</summary>
internal static partial class RevocationExtensions
{
    private static readonly TimeSpan RedisPatience = TimeSpan.FromSeconds(2);

    /// <summary>Adds the mirror of revocations and what feeds it.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message says what to set.</exception>
    public static void AddRevocation(this WebApplicationBuilder builder)
    {
        var settings = RevocationSettings.Read(builder.Configuration);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<RevocationMirror>();
        builder.Services.AddSingleton<OpenCalls>();
        if (!settings.Enabled)
        {
            return;
        }

        builder.AddRedisClient(RevocationSettings.ConnectionName, client => client.DisableHealthChecks = true, options =>
        {
            var milliseconds = (int)RedisPatience.TotalMilliseconds;
            options.ConnectTimeout = milliseconds;
            options.SyncTimeout = milliseconds;
            options.AsyncTimeout = milliseconds;
            options.ReconnectRetryPolicy = new LinearRetry(500);
            // What can't be sent now is worth nothing later.
            options.BacklogPolicy = BacklogPolicy.FailFast;
        });
        builder.Services.AddHostedService<RevocationFeed>();
        builder.Services.AddHealthChecks().AddCheck<RevocationHealth>("revocations");
    }

    /// <summary>Says once, where it is so, that tokens can't be ended before they expire.</summary>
    /// <param name="app">The service.</param>
    public static void WarnOfMissingRevocation(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<RevocationSettings>().Enabled)
        {
            Off(app.Logger, RevocationSettings.ConnectionName, RevocationPlaces.Entries);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Revocations are not heard of: access tokens live until they expire, whatever ends meanwhile. "
        + "Set 'ConnectionStrings:{Name}' to the Redis where the authorization server writes {Entries}, if it does")]
    private static partial void Off(ILogger logger, string name, string entries);
}
