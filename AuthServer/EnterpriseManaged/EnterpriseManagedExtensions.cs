namespace McpAspire.AuthServer.EnterpriseManaged;

/// <summary>Registers enterprise-managed authorization: access that an identity provider grants (ID-JAG).</summary>
internal static class EnterpriseManagedExtensions
{
    internal static void AddEnterpriseManaged(this IServiceCollection services)
    {
        services.AddSingleton<IdJagRules>();
        services.AddScoped<GrantedAccess>();
    }

    internal static OpenIddictServerBuilder UseEnterpriseManagedRules(this OpenIddictServerBuilder server) => server
        .AllowCustomFlow(IdJag.GrantType)
        .AddEventHandler(IssueByIdJag.Descriptor)
        .AddEventHandler(RecordIdJagGrant.Descriptor);
}
