namespace McpAspire.AuthServer.AccountPages;

/// <summary>Registers the page on which a person sees and ends what they allowed.</summary>
internal static class AccountPageExtensions
{
    internal static void AddAccountPages(this IServiceCollection services)
    {
        services.AddScoped<OverviewReader>();
        services.AddScoped<AccountEndpoints>();
        services.AddScoped<PasswordEndpoints>();
    }

    internal static void MapAccountPages(this WebApplication app)
    {
        AccountEndpoints.Map(app);
        PasswordEndpoints.Map(app);
    }
}
