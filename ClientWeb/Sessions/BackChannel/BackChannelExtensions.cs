namespace McpAspire.ClientWeb.Sessions.BackChannel;

/// <summary>Registers what listens to authorization servers that end sessions.</summary>
internal static class BackChannelExtensions
{
    public static void AddBackChannelLogout(this IServiceCollection services)
    {
        services.AddSingleton<LogoutTokenValidator>();
        services.AddSingleton<Logouts>();
        services.AddSingleton<BackChannelLogoutEndpoint>();
    }

    public static void MapBackChannelLogout(this IEndpointRouteBuilder app) => BackChannelLogoutEndpoint.Map(app);
}
