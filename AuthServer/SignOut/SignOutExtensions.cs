namespace McpAspire.AuthServer.SignOut;

/// <summary>Registers sign-out.</summary>
internal static class SignOutExtensions
{
    internal static void AddSignOut(this IServiceCollection services)
    {
        services.AddScoped<LogoutEndpoint>();
        services.AddSingleton<LogoutNoticeSignal>();
    }

    internal static void MapSignOut(this WebApplication app) => LogoutEndpoint.Map(app);
}
