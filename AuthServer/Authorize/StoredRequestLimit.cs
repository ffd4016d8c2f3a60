using McpAspire.AuthServer.Clients.RedirectUris;
using McpAspire.AuthServer.Limits;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// Anybody may make us store an authorization, pushed (RFC 9126 §2) or device request (RFC 8628 §3.1), so one address has so
/// many in a minute; then 429 with Retry-After. At the authorization endpoint that is a page and never goes to the client:
/// the person can do something about it, and a redirect would hide the status.
/// </summary>
internal sealed class StoredRequestLimit(NetworkLimit limit, StoredRequestOptions options) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateDeviceAuthorizationRequestContext>
{
    // The others once all else was found good: what is refused anyway is not stored.
    private const int Last = int.MaxValue - 1000;

    internal static OpenIddictServerHandlerDescriptor AtAuthorize { get; } =
        Rule.Singleton<ValidateAuthorizationRequestContext, StoredRequestLimit>(ExactRedirectUri.Descriptor.Order + 50);

    internal static OpenIddictServerHandlerDescriptor WherePushed { get; } = Rule.Singleton<ValidatePushedAuthorizationRequestContext, StoredRequestLimit>(Last);

    internal static OpenIddictServerHandlerDescriptor ForDevices { get; } = Rule.Singleton<ValidateDeviceAuthorizationRequestContext, StoredRequestLimit>(Last);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) =>
        // With a reference it is stored already.
        string.IsNullOrEmpty(context.Request.RequestUri) ? CheckAsync(context) : ValueTask.CompletedTask;

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => CheckAsync(context);

    public ValueTask HandleAsync(ValidateDeviceAuthorizationRequestContext context) => CheckAsync(context);

    private async ValueTask CheckAsync(BaseValidatingContext context)
    {
        if (await limit.TryAsync("stored-requests", options.PerMinute) is { } wait)
        {
            TooManyRequests.Reject(context, wait, $"More than {options.PerMinute} requests a minute came from this address. Try again in a minute.");
        }
    }
}
