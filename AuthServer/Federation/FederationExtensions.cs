namespace McpAspire.AuthServer.Federation;

/// <summary>Registers sign-in through identity providers.</summary>
internal static class FederationExtensions
{
    internal static void AddFederation(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UpstreamTokenProtection>();
        builder.Services.AddScoped<ProviderLogout>();
    }
}
