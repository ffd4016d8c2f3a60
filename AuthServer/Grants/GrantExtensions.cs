namespace McpAspire.AuthServer.Grants;

/// <summary>Registers the grants.</summary>
internal static class GrantExtensions
{
    internal static void AddGrants(this IServiceCollection services) => services.AddScoped<GrantStore>();
}
