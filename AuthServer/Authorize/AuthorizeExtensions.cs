using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>Registers the authorization endpoint, consent and their rules.</summary>
internal static class AuthorizeExtensions
{
    internal static void AddAuthorize(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // Made here and not at the first request, so that a bad setting stops the start.
        services.AddSingleton(new ResourceIndicators(builder.Configuration, builder.Environment.IsDevelopment()));
        services.AddSingleton<ConsentTicket>();
        services.AddScoped<ConsentStore>();
        services.AddScoped<AuthorizeEndpoint>();
    }

    internal static OpenIddictServerBuilder UseAuthorizeRules(this OpenIddictServerBuilder server) => server
        .AddEventHandler(ParameterLimits.Descriptor<ValidateAuthorizationRequestContext>())
        .AddEventHandler(ParameterLimits.Descriptor<ValidateTokenRequestContext>())
        .AddEventHandler(ParameterLimits.Descriptor<ValidateRevocationRequestContext>())
        .AddEventHandler(ParameterLimits.Descriptor<ValidateEndSessionRequestContext>())
        .AddEventHandler(ValidMaxAge.Descriptor)
        .AddEventHandler(RegisteredScopes.Descriptor)
        .AddEventHandler(RegisteredScopes.ForClientsThemselves)
        .AddEventHandler(KnownResource.Descriptor)
        .AddEventHandler(KnownResource.ForClientsThemselves);

    internal static void MapAuthorize(this WebApplication app)
    {
        AuthorizeEndpoint.Map(app);
        app.MapConsent();
    }
}
