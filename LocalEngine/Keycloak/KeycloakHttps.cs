using Aspire.Hosting.ApplicationModel;

namespace McpAspire.LocalEngine.Keycloak;

/// <summary>Keycloak serves https unless the description says <c>WithoutHttpsCertificate</c>, as in Aspire.</summary>
internal static class KeycloakHttps
{
    internal static void Apply(IEnumerable<IResource> resources)
    {
        foreach (var keycloak in resources.OfType<KeycloakResource>())
        {
            if (!keycloak.Annotations.OfType<WithoutHttpsCertificateAnnotation>().Any())
            {
                new EndpointReference(keycloak, KeycloakResource.PrimaryEndpointName).EndpointAnnotation.UriScheme = "https";
            }
        }
    }
}
