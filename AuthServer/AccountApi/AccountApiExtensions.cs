namespace McpAspire.AuthServer.AccountApi;

/// <summary>Registers what this server offers resource servers about a person.</summary>
internal static class AccountApiExtensions
{
    internal static void AddAccountApi(this IServiceCollection services)
    {
        services.AddScoped<AccountTokens>();
        services.AddScoped<ProfileEndpoint>();
    }

    internal static void MapAccountApi(this WebApplication app) => ProfileEndpoint.Map(app);
}
