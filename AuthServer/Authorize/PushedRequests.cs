using System.Security.Claims;
using McpAspire.AuthServer.Audit;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>How long a pushed request waits for the browser (RFC 9126 §2.2), setting <c>PushedRequestLifetime</c>.</summary>
internal sealed class PushedRequestLifetime : IOpenIddictServerHandler<HandlePushedAuthorizationRequestContext>
{
    private const string Setting = "PushedRequestLifetime";

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly TimeSpan _lifetime;

    /// <exception cref="InvalidOperationException">The setting makes no sense.</exception>
    internal PushedRequestLifetime(IConfiguration configuration)
    {
        _lifetime = configuration.GetValue(Setting, Default);
        if (_lifetime < TimeSpan.FromSeconds(5) || _lifetime > Longest)
        {
            throw new InvalidOperationException($"The setting '{Setting}' must be from 00:00:05 to 00:10:00, for example 00:01:00.");
        }
    }

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<HandlePushedAuthorizationRequestContext>()
            .UseSingletonHandler(services => services.GetRequiredService<PushedRequestLifetime>())
            .SetOrder(int.MaxValue - 1000)
            .Build();

    public ValueTask HandleAsync(HandlePushedAuthorizationRequestContext context)
    {
        context.Principal = new ClaimsPrincipal(new ClaimsIdentity()).SetRequestTokenLifetime(_lifetime);
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// A pushed request is used once (RFC 9126 §7.3): when the browser brings it, it is stored anew for the pages that follow,
/// which outlive it, and <see cref="RedeemRequest"/> redeems the pushed one with that.
/// </summary>
internal sealed class TakePushedRequest : IOpenIddictServerHandler<HandleAuthorizationRequestContext>, IOpenIddictServerHandler<ProcessSignInContext>
{
    private const string Pushed = "pushed_authorization_request";
    private const string Taken = "taken";

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<HandleAuthorizationRequestContext, TakePushedRequest>(OpenIddictServerHandlers.Authentication.AttachPrincipal.Descriptor.Order + 500);

    /// <summary>The stored one is still a pushed request, for clients that must push theirs.</summary>
    internal static OpenIddictServerHandlerDescriptor StaysPushed { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireRequestTokenGenerated>()
            .UseSingletonHandler<TakePushedRequest>()
            .SetOrder(OpenIddictServerHandlers.PrepareRequestTokenPrincipal.Descriptor.Order + 500)
            .Build();

    public ValueTask HandleAsync(HandleAuthorizationRequestContext context)
    {
        if (Presented(context.Transaction) is { } principal && IsPushed(principal) && !principal.HasClaim(Taken))
        {
            // Without a reference OpenIddict stores the request under one and redirects to itself.
            context.Request.RequestUri = null;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Authorization && Presented(context.Transaction) is { } principal && IsPushed(principal))
        {
            context.RequestTokenPrincipal!.SetClaim(Claims.Private.RequestTokenType, Pushed).SetClaim(Taken, value: true);
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsPushed(ClaimsPrincipal principal) => principal.GetClaim(Claims.Private.RequestTokenType) == Pushed;

    private static ClaimsPrincipal? Presented(OpenIddictServerTransaction transaction) =>
        transaction.Passed<ValidateAuthorizationRequestContext>()?.RequestTokenPrincipal;
}

/// <summary>The pushed authorization request endpoint takes POST alone, else 405 (RFC 9126 §2.3), and each refusal is audited.</summary>
internal sealed class PushByPost(AuditLog audit) : IOpenIddictServerHandler<ApplyPushedAuthorizationResponseContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyPushedAuthorizationResponseContext>()
            .AddFilter<OpenIddictServerAspNetCoreHandlerFilters.RequireHttpRequest>()
            .UseSingletonHandler<PushByPost>()
            .SetOrder(OpenIddictServerAspNetCoreHandlers.AttachHttpResponseCode<ApplyPushedAuthorizationResponseContext>.Descriptor.Order + 500)
            .Build();

    public ValueTask HandleAsync(ApplyPushedAuthorizationResponseContext context)
    {
        if (!string.IsNullOrEmpty(context.Response.Error))
        {
            audit.PushedRequestRefused(context.Request?.ClientId, context.Response.Error, context.Response.ErrorDescription);
        }

        if (context.Transaction.GetHttpRequest() is { } http && !HttpMethods.IsPost(http.Method))
        {
            http.HttpContext.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.HttpContext.Response.Headers.Allow = HttpMethods.Post;
        }

        return ValueTask.CompletedTask;
    }
}
