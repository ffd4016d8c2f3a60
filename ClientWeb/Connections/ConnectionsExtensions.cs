using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Connections.Identity;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.ClientWeb.Connections;

/// <summary>Registers the room that connects: discovery, who we are, authorization.</summary>
internal static class ConnectionsExtensions
{
    // A token request makes the authorization server fetch our documents first. Shorter than the ten seconds in which
    // a refresh token may be used again without ending its grant.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <exception cref="InvalidOperationException">The setting <c>HomeServer</c> is not usable.</exception>
    public static void AddConnections(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(HomeServer.Parse(builder.Configuration["HomeServer"], builder.Environment.IsDevelopment()));
        if (builder.Configuration["Outbound:Timeout"] is null)
        {
            builder.Services.Configure<OutboundOptions>(options => options.Timeout = Patience);
        }

        builder.Services.AddSingleton<MetadataReader>();
        builder.Services.AddSingleton<HomeDiscovery>();
        builder.Services.AddSingleton<SignInPlace>();

        builder.Services.AddSingleton<ClientIdentity>();
        builder.Services.AddSingleton<ClientKeyStore>();
        builder.Services.AddSingleton<ClientAssertion>();

        builder.Services.AddSingleton<PendingAuthorizationStore>();
        builder.Services.AddSingleton<TokenClient>();
        builder.Services.AddSingleton<IssuerKeys>();
        builder.Services.AddSingleton<IssuedToken>();
        builder.Services.AddSingleton<IdTokenValidator>();
    }
}
