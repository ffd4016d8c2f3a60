using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Discovery;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Devices;

/// <summary>
/// The device authorization response (RFC 8628 §3.2): URLs from the public URL, not from Host as OpenIddict makes them, and
/// the interval. A refusal is audited.
/// </summary>
internal sealed class DeviceAnswer(PublicUrl issuer, AuditLog audit) : IOpenIddictServerHandler<ApplyDeviceAuthorizationResponseContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ApplyDeviceAuthorizationResponseContext, DeviceAnswer>(int.MinValue + 1000);

    public ValueTask HandleAsync(ApplyDeviceAuthorizationResponseContext context)
    {
        var response = context.Response;
        if (!string.IsNullOrEmpty(response.Error))
        {
            audit.RequestRefused("Device authorization", context.Request?.ClientId, response.Error, response.ErrorDescription);
            return ValueTask.CompletedTask;
        }

        var page = issuer.Of(Endpoints.DevicePage);
        response.VerificationUri = page;
        response.VerificationUriComplete = QueryHelpers.AddQueryString(page, "user_code", response.UserCode!);
        response["interval"] = (long)DevicePolling.Interval.TotalSeconds;
        audit.DeviceAsked(context.Request?.ClientId);
        return ValueTask.CompletedTask;
    }
}
