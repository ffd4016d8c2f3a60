namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Keycloak server.</summary>
public sealed class KeycloakResource(string name, ParameterResource? admin, ParameterResource adminPassword)
    : ContainerResource(name), IResourceWithServiceDiscovery
{
    internal const string PrimaryEndpointName = "http";
    internal const string ManagementEndpointName = "management";

    /// <summary>Name of the administrator; <c>admin</c> where there is none.</summary>
    public ParameterResource? AdminUserNameParameter { get; } = admin;

    /// <summary>Password of the administrator.</summary>
    public ParameterResource AdminPasswordParameter { get; } = adminPassword;

    internal ReferenceExpression AdminReference =>
        AdminUserNameParameter is { } name ? ReferenceExpression.Create($"{name}") : ReferenceExpression.Create($"admin");
}
