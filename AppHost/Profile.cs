using System.Diagnostics;

namespace McpAspire.AppHost;

/// <summary>The launch profile: the whole stack speaks either http (the default) or https, never both.</summary>
internal static class Profile
{
    /// <summary>True under the launch profile <c>https</c>.</summary>
    internal static bool IsHttps(this IDistributedApplicationBuilder builder) =>
        string.Equals(
            builder.Configuration["AppHost:DefaultLaunchProfileName"] ?? builder.Configuration["DOTNET_LAUNCH_PROFILE"],
            "https",
            StringComparison.OrdinalIgnoreCase);

    /// <summary>Name of the one endpoint that each service has: the scheme of the profile.</summary>
    internal static string Scheme(this IDistributedApplicationBuilder builder) => builder.IsHttps() ? "https" : "http";

#pragma warning disable ASPIRECERTIFICATES001 // WithoutHttpsCertificate is the only way to say it.
    /// <summary>
    /// Under http no certificate: else a trusted developer certificate on this machine would turn the container to
    /// https by itself, and its URL, which is an identity, would depend on the machine.
    /// </summary>
    internal static IResourceBuilder<T> WithProfileCertificate<T>(this IResourceBuilder<T> resource)
        where T : IResourceWithEnvironment, IResourceWithArgs =>
        resource.ApplicationBuilder.IsHttps() ? resource : resource.WithoutHttpsCertificate();

    /// <summary>
    /// Lets Keycloak trust what the other services are served with: it fetches keys from them. Aspire hands the
    /// certificates to the container; Keycloak wants to be told where they are. Another host engine tells it itself.
    /// </summary>
    [Conditional("ASPIRE")]
    internal static void TrustProfileCertificate(this IResourceBuilder<KeycloakResource> keycloak)
    {
#if ASPIRE
        if (keycloak.ApplicationBuilder.IsHttps())
        {
            keycloak.WithCertificateTrustConfiguration(context =>
            {
                context.EnvironmentVariables["KC_TRUSTSTORE_PATHS"] = context.CertificateBundlePath;
                return Task.CompletedTask;
            });
        }
#endif
    }
#pragma warning restore ASPIRECERTIFICATES001
}
