namespace McpAspire.AuthServer.Audit;

/// <summary>Registers the audit log.</summary>
internal static class AuditExtensions
{
    internal static void AddAudit(this IServiceCollection services) => services.AddSingleton<AuditLog>();
}
