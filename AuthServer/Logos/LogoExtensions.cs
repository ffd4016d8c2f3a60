namespace McpAspire.AuthServer.Logos;

/// <summary>Registers the logos of clients.</summary>
internal static class LogoExtensions
{
    internal static void AddLogos(this IServiceCollection services)
    {
        services.AddSingleton<LogoStore>();
        services.AddSingleton<LogoFetcher>();
    }

    internal static void MapLogos(this WebApplication app) => LogoEndpoint.Map(app);
}
