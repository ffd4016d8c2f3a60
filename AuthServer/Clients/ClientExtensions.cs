using McpAspire.AuthServer.Clients.Assertions;
using McpAspire.AuthServer.Clients.Configured;
using McpAspire.AuthServer.Clients.Documents;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.AuthServer.Clients.RedirectUris;
using OpenIddict.Server;

namespace McpAspire.AuthServer.Clients;

/// <summary>Registers clients: their documents, configuration and authentication.</summary>
internal static class ClientExtensions
{
    internal static void AddClients(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // Made here and not at the first request, so that a bad setting stops the start.
        services.AddSingleton(RedirectUriOptions.From(builder.Configuration));
        services.AddSingleton(DocumentOptions.From(builder.Configuration));
        services.AddSingleton(ClientAssertionOptions.From(builder.Configuration));
        services.AddHttpContextAccessor();
        services.AddSingleton<RedirectUriRules>();
        services.AddSingleton<FetchLimit>();
        services.AddSingleton<Freshness>();
        services.AddSingleton<ClientGuard>();
        services.AddSingleton<RemoteJson>();
        services.AddSingleton<RemoteKeys>();
        services.AddSingleton<ClientKeys>();
        services.AddSingleton<ClientRegistration>();
        services.AddSingleton<ConfiguredClient>();
        services.AddSingleton<ConfiguredDocument>();
        services.AddSingleton<DocumentHosts>();
        services.AddSingleton<UsedAssertions>();
        services.AddSingleton<ClientAssertionAudience>();
        services.AddSingleton<DocumentAddress>();
        services.AddSingleton<BackChannelLogoutUri>();
        services.AddSingleton<DocumentFetcher>();
        services.AddSingleton<ClientDocuments>();
        services.AddSingleton<ConfiguredClientRows>();
        services.AddScoped<ClientDirectory>();
        services.AddScoped<ConfiguredClients>();
        services.AddScoped<ClientResources>();
    }

    internal static OpenIddictServerBuilder UseClientRules(this OpenIddictServerBuilder server) => server
        .AddEventHandler(FindClient.Descriptor)
        .AddEventHandler(ClientAssertionKeys.Descriptor)
        .AddEventHandler(ClientAssertionClaims.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Authentication.ValidateClientRedirectUri.Descriptor)
        .AddEventHandler(ExactRedirectUri.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Authentication.ValidatePushedClientRedirectUri.Descriptor)
        .AddEventHandler(ExactRedirectUri.WherePushed)
        .AddEventHandler(AllowedResource.AtAuthorize)
        .AddEventHandler(AllowedResource.AtPushedAuthorization)
        .AddEventHandler(AllowedResource.AtDeviceAuthorization)
        .AddEventHandler(AllowedResource.AtToken);
}
