using Microsoft.AspNetCore;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// At userinfo the access token comes in the Authorization header alone: never in a query, where logs and histories keep it
/// (RFC 6750 §5.3, OAuth 2.1 §5.2), and not in a form, which nobody has to take (RFC 6750 §2.2).
/// </summary>
internal sealed class TokenInHeaderOnly : IOpenIddictServerHandler<ExtractUserInfoRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ExtractUserInfoRequestContext, TokenInHeaderOnly>(int.MinValue + 1000);

    public ValueTask HandleAsync(ExtractUserInfoRequestContext context)
    {
        // A form was read before (ReadableInput), so this waits for nothing.
        if (context.Transaction.GetHttpRequest() is { } request
            && (request.Query.ContainsKey(Parameters.AccessToken) || (request.HasFormContentType && request.Form.ContainsKey(Parameters.AccessToken))))
        {
            context.Reject(Errors.InvalidRequest, "The access token must be sent in the Authorization header, not in the URL or a form.");
        }

        return ValueTask.CompletedTask;
    }
}
