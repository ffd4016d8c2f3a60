using McpAspire.AuthServer.Discovery;
using Microsoft.AspNetCore;
using Microsoft.Net.Http.Headers;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Keys;

/// <summary>
/// The key set that others verify with (RFC 7517 §5): active keys first, then announced ones, then those retired of late.
/// Keys that only we still read with are not in it.
/// </summary>
internal sealed class PublishedKeys(KeyRing ring, IConfiguration configuration, TimeProvider time) : IOpenIddictServerHandler<HandleJsonWebKeySetRequestContext>
{
    // Short, so that a cache on the way does not outlast a rotation in haste.
    private static readonly string CacheControl = new CacheControlHeaderValue { Public = true, MaxAge = TimeSpan.FromMinutes(5) }.ToString();

    private readonly TimeSpan _accessTokenLifetime = ProtocolExtensions.AccessTokenLifetime(configuration);

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<HandleJsonWebKeySetRequestContext, PublishedKeys>(OpenIddictServerHandlers.Discovery.AttachSigningKeys.Descriptor.Order + 500);

    public ValueTask HandleAsync(HandleJsonWebKeySetRequestContext context)
    {
        var now = time.GetUtcNow();
        var places = ring.Lives.Where(life => life.IsPublishedAt(now, _accessTokenLifetime))
            .OrderBy(life => life.StateAt(now) switch { KeyState.Active => 0, KeyState.Announced => 1, _ => 2 })
            .Select((life, place) => (life.Key.Kid, place))
            .ToDictionary(key => key.Kid, key => key.place, StringComparer.Ordinal);
        var published = context.Keys.Where(key => places.ContainsKey(key.Kid)).OrderBy(key => places[key.Kid]).ToList();
        context.Keys.Clear();
        context.Keys.AddRange(published);
        context.Transaction.GetHttpRequest()!.HttpContext.Response.Headers.CacheControl = CacheControl;
        return ValueTask.CompletedTask;
    }
}
