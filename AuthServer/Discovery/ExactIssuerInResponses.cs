using McpAspire.ServiceDefaults.PublicUrls;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Discovery;

/// <summary>
/// <c>iss</c> in authorization responses, errors included (RFC 9207 §2), and in userinfo, exactly as in the metadata:
/// OpenIddict would write it as a URL, with a slash at its end.
/// </summary>
internal sealed class ExactIssuerInResponses(PublicUrl issuer) :
    IOpenIddictServerHandler<ApplyAuthorizationResponseContext>,
    IOpenIddictServerHandler<ApplyUserInfoResponseContext>
{
    internal static OpenIddictServerHandlerDescriptor AtAuthorize { get; } =
        Rule.Singleton<ApplyAuthorizationResponseContext, ExactIssuerInResponses>(OpenIddictServerHandlers.Authentication.AttachIssuer.Descriptor.Order + 500);

    internal static OpenIddictServerHandlerDescriptor AtUserInfo { get; } =
        Rule.Singleton<ApplyUserInfoResponseContext, ExactIssuerInResponses>(int.MinValue + 1000);

    public ValueTask HandleAsync(ApplyAuthorizationResponseContext context) => Write(context.Response);

    public ValueTask HandleAsync(ApplyUserInfoResponseContext context) => Write(context.Response);

    private ValueTask Write(OpenIddict.Abstractions.OpenIddictResponse response)
    {
        if (!string.IsNullOrEmpty(response.Iss))
        {
            response.Iss = issuer.Value;
        }

        return ValueTask.CompletedTask;
    }
}
