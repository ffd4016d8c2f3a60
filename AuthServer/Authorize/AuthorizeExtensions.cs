using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>Registers the authorization endpoint, consent and their rules.</summary>
internal static class AuthorizeExtensions
{
    internal static void AddAuthorize(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // Commands need no resource; a service that has none does not start (ProtocolExtensions.CheckProtocol).
        services.AddSingleton(provider => new ResourceIndicators(builder.Configuration, builder.Environment.IsDevelopment()));
        // Made here and not at the first request, so that a bad setting stops the start.
        services.AddSingleton(new ErrorRedirects(builder.Configuration));
        services.AddSingleton(new PushedRequestLifetime(builder.Configuration));
        services.AddSingleton(StoredRequestOptions.From(builder.Configuration));
        services.AddSingleton(RequestLimitOptions.From(builder.Configuration));
        services.AddSingleton<ParameterFaults>();
        services.AddSingleton<ConsentTicket>();
        services.AddScoped<ConsentStore>();
        services.AddScoped<AuthorizeEndpoint>();
    }

    internal static OpenIddictServerBuilder UseAuthorizeRules(this OpenIddictServerBuilder server) => server
        .AddEventHandler(Rule.Singleton<ValidateAuthorizationRequestContext, ParameterLimits>(ParameterLimits.First))
        .AddEventHandler(Rule.Singleton<ValidatePushedAuthorizationRequestContext, ParameterLimits>(ParameterLimits.First))
        .AddEventHandler(Rule.Singleton<ValidateDeviceAuthorizationRequestContext, ParameterLimits>(ParameterLimits.First))
        .AddEventHandler(Rule.Singleton<ValidateTokenRequestContext, ParameterLimits>(ParameterLimits.First))
        .AddEventHandler(Rule.Singleton<ValidateIntrospectionRequestContext, ParameterLimits>(ParameterLimits.First))
        .AddEventHandler(Rule.Singleton<ValidateRevocationRequestContext, ParameterLimits>(ParameterLimits.First))
        .AddEventHandler(Rule.Singleton<ValidateEndSessionRequestContext, ParameterLimits>(ParameterLimits.First))
        .AddEventHandler(ParameterLimits.Others.Descriptor)
        .AddEventHandler(StoredRequestLimit.AtAuthorize)
        .AddEventHandler(StoredRequestLimit.WherePushed)
        .AddEventHandler(StoredRequestLimit.ForDevices)
        .AddEventHandler(ValidRedirect.Descriptor)
        .AddEventHandler(ErrorsByRedirect.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Authentication.ValidateRequestParameter.Descriptor)
        .AddEventHandler(NoRequestObject.Descriptor)
        .AddEventHandler(ValidMaxAge.Descriptor)
        .AddEventHandler(ValidMaxAge.WherePushed)
        .AddEventHandler(IdTokenHint.Descriptor)
        .AddEventHandler(IdTokenHint.WherePushed)
        .AddEventHandler(RegisteredScopes.Descriptor)
        .AddEventHandler(RegisteredScopes.WherePushed)
        .AddEventHandler(RegisteredScopes.ForDevices)
        .AddEventHandler(RegisteredScopes.ForClientsThemselves)
        .RemoveEventHandler(OpenIddictServerHandlers.Authentication.ValidateResourceParameter.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Authentication.ValidatePushedResourceParameter.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Exchange.ValidateResourceParameter.Descriptor)
        .AddEventHandler(KnownResource.Descriptor)
        .AddEventHandler(KnownResource.WherePushed)
        .AddEventHandler(KnownResource.ForDevices)
        .AddEventHandler(KnownResource.ForClientsThemselves)
        .AddEventHandler(PushedRequestLifetime.Descriptor)
        .AddEventHandler(TakePushedRequest.Descriptor)
        .AddEventHandler(TakePushedRequest.StaysPushed)
        .AddEventHandler(PushByPost.Descriptor)
        .AddEventHandler(RedeemRequest.Descriptor);

    internal static void MapAuthorize(this WebApplication app)
    {
        AuthorizeEndpoint.Map(app);
        app.MapConsent();
    }
}
