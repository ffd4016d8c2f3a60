using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using McpAspire.ClientWeb.Components.Pages;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>
/// How many sign-ins one client address may begin, since each is remembered for a while: 30 a minute where
/// <c>SignInsPerMinute</c> says nothing else, 0 for no limit. Each replica counts for itself.
/// </summary>
internal static class SignInLimit
{
    /// <summary>The policy of the endpoint that is counted.</summary>
    public const string Policy = nameof(SignInLimit);

    private const int Default = 30;

    /// <exception cref="InvalidOperationException">The setting is no number; the message says what to set.</exception>
    public static void AddSignInLimit(this IHostApplicationBuilder builder)
    {
        var perMinute = Read(builder.Configuration["SignInsPerMinute"]);
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(Policy, context => perMinute > 0
                ? RateLimitPartition.GetFixedWindowLimiter(NetworkOf(context.Connection.RemoteIpAddress), _ => new FixedWindowRateLimiterOptions
                {
                    PermitLimit = perMinute,
                    Window = TimeSpan.FromMinutes(1),
                })
                : RateLimitPartition.GetNoLimiter(""));
            limiter.OnRejected = static (rejected, _) => new ValueTask(RefuseAsync(
                rejected.HttpContext,
                rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.FromMinutes(1)));
        });
    }

    /// <summary>Whom an address stands for: an IPv6 host has a whole /64 to choose addresses from.</summary>
    public static string NetworkOf(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes(), 0, 8),
        _ => address.ToString(),
    };

    private static Task RefuseAsync(HttpContext context, TimeSpan retryAfter)
    {
        var seconds = ((int)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        return Page.Problem(
            StatusCodes.Status429TooManyRequests,
            "Too many sign-ins",
            $"Too many sign-ins were begun from your network in the last minute. Wait {seconds} seconds, then try again.").ExecuteAsync(context);
    }

    private static int Read(string? configured) => configured is null
        ? Default
        : int.TryParse(configured, NumberStyles.None, CultureInfo.InvariantCulture, out var perMinute)
            ? perMinute
            : throw new InvalidOperationException(
                $"The setting 'SignInsPerMinute' is '{configured}': set a number of sign-ins that one client address may begin in a minute, or 0 for no limit.");
}
