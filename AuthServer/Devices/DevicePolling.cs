using System.Globalization;
using McpAspire.AuthServer.Tokens.Liveness;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using StackExchange.Redis;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Devices;

/// <summary>
/// What a device hears while nobody has decided (RFC 8628 §3.5): <c>authorization_pending</c>; or <c>slow_down</c> where it
/// asks sooner than its interval allows, which then grows by 5 seconds for good. A person's denial is <c>access_denied</c>.
/// </summary>
internal sealed class DevicePolling(Standings standings, IConnectionMultiplexer redis, DeviceOptions options, TimeProvider time) : IOpenIddictServerHandler<ValidateTokenContext>
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Devices count 5 seconds by clocks of their own.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(500);

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireTokenIdResolved>()
            .UseScopedHandler<DevicePolling>()
            .SetOrder(OpenIddictServerHandlers.Protection.ValidateTokenEntry.Descriptor.Order - 100)
            .Build();

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token || !context.Principal!.HasTokenType(TokenTypeIdentifiers.Private.DeviceCode))
        {
            return;
        }

        var status = (await standings.OfAsync(context.Principal!))?.Token.Status;
        if (status == Statuses.Rejected)
        {
            context.Reject(Errors.AccessDenied, "The person did not allow it.");
        }
        else if (status == Statuses.Inactive)
        {
            var interval = await PollAsync(context.TokenId!);
            if (interval > Interval)
            {
                context.Reject(Errors.SlowDown, $"Ask at most every {interval.TotalSeconds:0} seconds from now on.");
            }
            else
            {
                context.Reject(Errors.AuthorizationPending, "The person has not decided yet. Ask again in a few seconds.");
            }
        }
    }

    /// <summary>Writes down that the device asked now.</summary>
    /// <returns>The interval to keep to from now on where it asked too soon; else <see cref="Interval"/>.</returns>
    private async Task<TimeSpan> PollAsync(string tokenId)
    {
        var store = redis.GetDatabase();
        var key = $"authserver:device-poll:{tokenId}";
        var now = time.GetUtcNow();
        var (next, interval) = Parse(await store.StringGetAsync(key)) ?? (now, Interval);
        var tooSoon = now < next - Tolerance;
        interval = tooSoon ? interval + Interval : interval;
        await store.StringSetAsync(
            key,
            string.Create(CultureInfo.InvariantCulture, $"{(now + interval).ToUnixTimeMilliseconds()} {(long)interval.TotalSeconds}"),
            options.CodeLifetime);
        return tooSoon ? interval : Interval;
    }

    private static (DateTimeOffset Next, TimeSpan Interval)? Parse(string? value) =>
        value?.Split(' ') is [var next, var seconds]
            ? (DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(next, CultureInfo.InvariantCulture)), TimeSpan.FromSeconds(long.Parse(seconds, CultureInfo.InvariantCulture)))
            : null;
}
