namespace McpAspire.AuthServer.Endings;

/// <summary>Registers the acts that end sessions and grants.</summary>
internal static class EndingsExtensions
{
    internal static void AddEndings(this IServiceCollection services)
    {
        services.AddScoped<EndingOutbox>();
        services.AddScoped<EndingActs>();
    }
}
