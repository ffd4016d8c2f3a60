using McpAspire.AuthServer.Discovery;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Introspection;

/// <summary>Registers introspection (RFC 7662) for resource servers.</summary>
internal static class IntrospectionExtensions
{
    internal static OpenIddictServerBuilder UseIntrospectionRules(this OpenIddictServerBuilder server) => server
        .SetIntrospectionEndpointUris(Endpoints.Introspect[1..])
        // RFC 7662 §2.1: POST alone. A token in a URL ends in logs.
        .RemoveEventHandler(OpenIddictServerAspNetCoreHandlers.ExtractGetOrPostRequest<ExtractIntrospectionRequestContext>.Descriptor)
        .AddEventHandler(OpenIddictServerAspNetCoreHandlers.ExtractPostRequest<ExtractIntrospectionRequestContext>.Descriptor)
        .AddEventHandler(ResourceServersOnly.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Introspection.ValidateTokenType.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Introspection.ValidateAuthorizedParty.Descriptor)
        .AddEventHandler(OwnAudienceOnly.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Introspection.AttachApplicationClaims.Descriptor)
        .AddEventHandler(LivingTokenOnly.Descriptor)
        .AddEventHandler(OpenIddictServerAspNetCoreHandlers.AttachCacheControlHeader<ApplyIntrospectionResponseContext>.Descriptor);
}
