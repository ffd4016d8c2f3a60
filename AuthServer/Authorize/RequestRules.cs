using System.Collections.Immutable;
using McpAspire.AuthServer.Clients;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// Parameters are sent once (RFC 6749 §3.1), only <c>resource</c> may repeat (RFC 8707 §2), and none is longer than
/// its limit. Applies to every request that carries parameters.
/// </summary>
internal sealed class ParameterLimits :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateTokenRequestContext>,
    IOpenIddictServerHandler<ValidateRevocationRequestContext>,
    IOpenIddictServerHandler<ValidateEndSessionRequestContext>
{
    private const int First = int.MinValue + 1000;
    private const int LongestState = 2048;
    private const int MostScopes = 50;

    private static readonly (string Name, int Longest)[] Limits =
    [
        (Parameters.State, LongestState),
        (Parameters.Nonce, LongestState),
        (Parameters.RedirectUri, RedirectUri.LongestUri),
        (Parameters.PostLogoutRedirectUri, RedirectUri.LongestUri),
        (Parameters.ClientId, Storage.AuthDbContext.ClientIdLength),
    ];

    internal static OpenIddictServerHandlerDescriptor Descriptor<TContext>() where TContext : BaseContext =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseSingletonHandler((IOpenIddictServerHandler<TContext>)(object)new ParameterLimits())
            .SetOrder(First)
            .Build();

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, context.Request);

    public ValueTask HandleAsync(ValidateTokenRequestContext context) => Check(context, context.Request);

    public ValueTask HandleAsync(ValidateRevocationRequestContext context) => Check(context, context.Request);

    public ValueTask HandleAsync(ValidateEndSessionRequestContext context) => Check(context, context.Request);

    internal static string? Fault(OpenIddictRequest request)
    {
        foreach (var (name, value) in request.GetParameters())
        {
            if (name != Parameters.Resource && value.Count > 1)
            {
                return "A parameter was sent more than once.";
            }
        }

        foreach (var (name, longest) in Limits)
        {
            if (((string?)request.GetParameter(name))?.Length > longest)
            {
                return $"The parameter '{name}' is longer than {longest} characters.";
            }
        }

        return request.GetScopes().Length > MostScopes ? $"More than {MostScopes} scopes were asked for." : null;
    }

    private static ValueTask Check(BaseValidatingContext context, OpenIddictRequest request)
    {
        if (Fault(request) is { } fault)
        {
            context.Reject(Errors.InvalidRequest, fault);
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// The scopes asked for are ones that the client registered, and that may be asked for at all, else <c>invalid_scope</c>
/// (RFC 6749 §4.1.2.1); also where a client asks for itself (RFC 6749 §4.4.2).
/// </summary>
internal sealed class RegisteredScopes(IOpenIddictApplicationManager clients) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateAuthorizationRequestContext>()
            .UseScopedHandler<RegisteredScopes>()
            .SetOrder(OpenIddictServerHandlers.Authentication.ValidateScopePermissions.Descriptor.Order)
            .Build();

    internal static OpenIddictServerHandlerDescriptor ForClientsThemselves { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenRequestContext>()
            .UseScopedHandler<RegisteredScopes>()
            .SetOrder(OpenIddictServerHandlers.Exchange.ValidateScopePermissions.Descriptor.Order)
            .Build();

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => CheckAsync(context, context.Request, context.CancellationToken);

    public ValueTask HandleAsync(ValidateTokenRequestContext context) =>
        context.Request.IsClientCredentialsGrantType() ? CheckAsync(context, context.Request, context.CancellationToken) : ValueTask.CompletedTask;

    private async ValueTask CheckAsync(BaseValidatingContext context, OpenIddictRequest request, CancellationToken cancellationToken)
    {
        var client = await clients.FindByClientIdAsync(request.ClientId!, cancellationToken);
        var registered = (await clients.GetPermissionsAsync(client!, cancellationToken)).ToImmutableHashSet(StringComparer.Ordinal);
        var foreign = ScopeCatalog.Asked(request.GetScopes())
            .Where(scope => !registered.Contains(Permissions.Prefixes.Scope + scope) || ScopeCatalog.Of(scope).Consent == ConsentKind.ByExchange).ToArray();
        if (foreign.Length > 0)
        {
            context.Reject(Errors.InvalidScope, $"The application did not register for: {ScopeCatalog.Text(foreign)}.");
        }
    }
}

/// <summary>
/// A request names one resource that we know, or none: then the default is meant (RFC 8707 §2); also where a client asks
/// for itself.
/// </summary>
internal sealed class KnownResource(ResourceIndicators resources) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateAuthorizationRequestContext>()
            .UseSingletonHandler<KnownResource>()
            .SetOrder(OpenIddictServerHandlers.Authentication.ValidateResources.Descriptor.Order)
            .Build();

    internal static OpenIddictServerHandlerDescriptor ForClientsThemselves { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenRequestContext>()
            .UseSingletonHandler<KnownResource>()
            .SetOrder(OpenIddictServerHandlers.Exchange.ValidateResources.Descriptor.Order)
            .Build();

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, context.Request);

    public ValueTask HandleAsync(ValidateTokenRequestContext context) =>
        context.Request.IsClientCredentialsGrantType() ? Check(context, context.Request) : ValueTask.CompletedTask;

    private ValueTask Check(BaseValidatingContext context, OpenIddictRequest request)
    {
        var named = request.GetResources().Select(resources.Find).Distinct().ToArray();
        if (named.Length > 1)
        {
            context.Reject(Errors.InvalidTarget, "One authorization is for one resource; ask for each in a request of its own.");
        }
        else if (named is [null])
        {
            context.Reject(Errors.InvalidTarget, "The resource is not known to this authorization server.");
        }

        return ValueTask.CompletedTask;
    }
}
