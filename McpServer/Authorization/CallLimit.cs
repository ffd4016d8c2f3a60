using System.Globalization;
using System.Threading.RateLimiting;

namespace McpAspire.McpServer.Authorization;

/// <summary>
/// How many calls one person may make through one client: 600 a minute where <c>CallsPerMinute</c> says nothing else,
/// 0 for no limit. Each replica counts for itself.
/// </summary>
internal static class CallLimit
{
    /// <summary>The policy of the endpoints that are counted.</summary>
    public const string Policy = nameof(CallLimit);

    private const int Default = 600;

    /// <summary>Adds the limit.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <exception cref="InvalidOperationException">The setting is no number; the message says what to set.</exception>
    public static void AddCallLimit(this WebApplicationBuilder builder)
    {
        var perMinute = Read(builder.Configuration["CallsPerMinute"]);
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(Policy, context => context.Features.Get<CurrentCaller>() is { } caller && perMinute > 0
                ? RateLimitPartition.GetFixedWindowLimiter((caller.Subject, caller.ClientId), _ => new FixedWindowRateLimiterOptions
                {
                    PermitLimit = perMinute,
                    Window = TimeSpan.FromMinutes(1),
                })
                : RateLimitPartition.GetNoLimiter(("", "")));
            limiter.OnRejected = static (rejected, _) => new ValueTask(
                rejected.HttpContext.RequestServices.GetRequiredService<Refusals>().TooManyCallsAsync(
                    rejected.HttpContext,
                    rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.FromMinutes(1)));
        });
    }

    private static int Read(string? configured) => configured is null
        ? Default
        : int.TryParse(configured, NumberStyles.None, CultureInfo.InvariantCulture, out var perMinute)
            ? perMinute
            : throw new InvalidOperationException(
                $"The setting 'CallsPerMinute' is '{configured}': set a number of calls that one person may make through one client in a minute, or 0 for no limit.");
}
