namespace McpAspire.AuthServer.SignOut;

/// <summary>Registers sign-out, and the telling of clients and providers that a session ended.</summary>
internal static class SignOutExtensions
{
    internal static void AddSignOut(this IServiceCollection services)
    {
        services.AddScoped<LogoutEndpoint>();
        services.AddSingleton<LogoutNoticeSignal>();
        services.AddSingleton<LogoutToken>();
        services.AddScoped<ClientLogout>();
        services.AddScoped<ProviderNotice>();
        services.AddScoped<PendingNotices>();
        services.AddScoped<LogoutNoticeLane>();
        services.AddHostedService<LogoutNoticeDelivery>();
    }

    internal static void MapSignOut(this WebApplication app) => LogoutEndpoint.Map(app);
}
