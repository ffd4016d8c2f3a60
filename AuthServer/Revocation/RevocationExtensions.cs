namespace McpAspire.AuthServer.Revocation;

/// <summary>Registers the telling of revocations.</summary>
internal static class RevocationExtensions
{
    internal static void AddRevocation(this IServiceCollection services)
    {
        services.AddSingleton<RevocationLifetime>();
        services.AddSingleton<RevocationSignal>();
        services.AddSingleton<RevocationSet>();
        services.AddHostedService<RevocationPublisher>();
    }
}
