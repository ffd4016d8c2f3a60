using System.Security.Claims;
using McpAspire.AuthServer.Authorize;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Devices;

/// <summary>What a device authorization request (RFC 8628 §3.1) leaves in its codes: the scopes in full, the resource, and from where it came.</summary>
internal sealed class DeviceRequest(ResourceIndicators resources) : IOpenIddictServerHandler<HandleDeviceAuthorizationRequestContext>
{
    /// <summary>The address that asked. In user codes only.</summary>
    internal const string AskedFrom = "asked_from";

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<HandleDeviceAuthorizationRequestContext, DeviceRequest>(int.MaxValue - 1000);

    public ValueTask HandleAsync(HandleDeviceAuthorizationRequestContext context)
    {
        context.Principal = new ClaimsPrincipal(new ClaimsIdentity())
            .SetScopes(ScopeCatalog.Asked(context.Request.GetScopes()))
            // KnownResource made sure that it is one of ours.
            .SetResources(resources.Of(context.Request)!.Uri)
            .SetClaim(AskedFrom, context.Transaction.GetHttpRequest()?.HttpContext.Connection.RemoteIpAddress?.ToString());
        return ValueTask.CompletedTask;
    }
}
