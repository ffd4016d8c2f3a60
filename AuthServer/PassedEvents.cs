using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer;

/// <summary>What earlier events of a request found: OpenIddict keeps their contexts with the request.</summary>
internal static class PassedEvents
{
    /// <summary>The context of an event; null where the request has not come to it.</summary>
    internal static TContext? Passed<TContext>(this OpenIddictServerTransaction transaction)
        where TContext : BaseContext => transaction.GetProperty<TContext>(typeof(TContext).FullName!);

    /// <inheritdoc cref="Passed{TContext}(OpenIddictServerTransaction)"/>
    internal static TContext? Passed<TContext>(this HttpContext context)
        where TContext : BaseContext => context.Features.Get<OpenIddictServerAspNetCoreFeature>()?.Transaction?.Passed<TContext>();
}
