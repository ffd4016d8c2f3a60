using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer;

/// <summary>
/// Describes a rule, which is a handler of one of OpenIddict's events. Orders are those of OpenIddict's own handlers, plus or
/// minus some hundreds: docs/pipeline.md lists what comes of them.
/// </summary>
internal static class Rule
{
    /// <summary>A rule that is made once for each request, since it uses services of the request.</summary>
    internal static OpenIddictServerHandlerDescriptor Scoped<TContext, THandler>(int order)
        where TContext : BaseContext
        where THandler : class, IOpenIddictServerHandler<TContext> =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>().UseScopedHandler<THandler>().SetOrder(order).Build();

    /// <summary>A rule that is made once.</summary>
    internal static OpenIddictServerHandlerDescriptor Singleton<TContext, THandler>(int order)
        where TContext : BaseContext
        where THandler : class, IOpenIddictServerHandler<TContext> =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>().UseSingletonHandler<THandler>().SetOrder(order).Build();
}
