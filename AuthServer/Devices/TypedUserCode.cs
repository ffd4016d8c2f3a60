using Microsoft.AspNetCore;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Devices;

/// <summary>The verification endpoint takes the code from the cookie of <see cref="DeviceTicket"/>, whatever the request says.</summary>
internal sealed class TypedUserCode(DeviceTicket tickets) : IOpenIddictServerHandler<ExtractEndUserVerificationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ExtractEndUserVerificationRequestContext>()
            .AddFilter<OpenIddictServerAspNetCoreHandlerFilters.RequireHttpRequest>()
            .UseSingletonHandler<TypedUserCode>()
            .SetOrder(OpenIddictServerAspNetCoreHandlers.ExtractGetOrPostRequest<ExtractEndUserVerificationRequestContext>.Descriptor.Order + 500)
            .Build();

    public ValueTask HandleAsync(ExtractEndUserVerificationRequestContext context)
    {
        if (context.Request is not null && context.Transaction.GetHttpRequest() is { } http)
        {
            context.Request.UserCode = tickets.Read(http.HttpContext)?.Code;
        }

        return ValueTask.CompletedTask;
    }
}
