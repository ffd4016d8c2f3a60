using McpAspire.ServiceDefaults.PublicUrls;
using OpenIddict.Server;

namespace McpAspire.AuthServer.Clients;

/// <summary>Registers clients: their documents, configuration and authentication.</summary>
internal static class ClientExtensions
{
    internal static void AddClients(this IServiceCollection services)
    {
        services.AddSingleton<UsedAssertions>();
        services.AddSingleton(provider => new ClientAssertionAudience(provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<PublicUrl>()));
        services.AddSingleton<DocumentAddress>();
        services.AddSingleton<BackChannelLogoutUri>();
        services.AddSingleton<DocumentFetcher>();
        services.AddSingleton<ClientDocuments>();
        services.AddScoped<ClientDirectory>();
        services.AddScoped<ConfiguredClients>();
    }

    internal static OpenIddictServerBuilder UseClientRules(this OpenIddictServerBuilder server) => server
        .AddEventHandler(FindClient.Descriptor)
        .AddEventHandler(ClientAssertionKeys.Descriptor)
        .AddEventHandler(ClientAssertionClaims.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Authentication.ValidateClientRedirectUri.Descriptor)
        .AddEventHandler(ExactRedirectUri.Descriptor);
}
