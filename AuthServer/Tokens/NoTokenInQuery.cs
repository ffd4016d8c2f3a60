using Microsoft.AspNetCore;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>No token is taken from a query, where logs and histories keep it (RFC 6750 §5.3, OAuth 2.1 §5.2).</summary>
internal sealed class NoTokenInQuery : IOpenIddictServerHandler<ExtractUserInfoRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ExtractUserInfoRequestContext>()
            .UseSingletonHandler<NoTokenInQuery>()
            .SetOrder(int.MinValue + 1000)
            .Build();

    public ValueTask HandleAsync(ExtractUserInfoRequestContext context)
    {
        if (context.Transaction.GetHttpRequest()?.Query.ContainsKey(Parameters.AccessToken) == true)
        {
            context.Reject(Errors.InvalidRequest, "The access token must be sent in the Authorization header, never in the URL.");
        }

        return ValueTask.CompletedTask;
    }
}
