using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Identity;
using McpAspire.ClientWeb.Connections.Discovery;

namespace McpAspire.ClientWeb.Connections;

/// <summary>Registers the room that connects: discovery, who we are, authorization.</summary>
internal static class ConnectionsExtensions
{
    /// <exception cref="InvalidOperationException">The setting <c>HomeServer</c> is not usable.</exception>
    public static void AddConnections(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(HomeServer.Parse(builder.Configuration["HomeServer"]));
        builder.Services.AddSingleton<MetadataReader>();
        builder.Services.AddSingleton<HomeDiscovery>();
        builder.Services.AddSingleton<SignInPlace>();

        builder.Services.AddSingleton<ClientIdentity>();
        builder.Services.AddSingleton<ClientKeyStore>();
        builder.Services.AddSingleton<ClientAssertion>();

        builder.Services.AddSingleton<PendingAuthorizationStore>();
        builder.Services.AddSingleton<TokenClient>();
        builder.Services.AddSingleton<IdTokenValidator>();
    }
}
