using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AppHost.Keycloak;

/// <summary>Gives Keycloak the realm of this stack.</summary>
internal static class RealmExtensions
{
    private const string DevelopmentUsers = "Realms/Development/mcp-users-0.json";

    /// <summary>
    /// Has the realm imported where it is not there yet, and calls Keycloak ready when the realm answers: its own health says
    /// nothing about realms. The users for development are imported where the stack runs on this machine, and nowhere else.
    /// </summary>
    internal static IResourceBuilder<KeycloakResource> WithRealm(this IResourceBuilder<KeycloakResource> keycloak)
    {
        if (keycloak.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            keycloak.WithRealmImport(RealmFile.RelativePath).WithRealmImport(DevelopmentUsers);
        }

        keycloak.WithRealmInImage();
        return keycloak
            .WithHttpHealthCheck($"/realms/{RealmFile.Realm}/.well-known/openid-configuration")
            .WithHttpHealthCheck($"/realms/{RealmFile.Realm}/protocol/openid-connect/certs");
    }

    /// <summary>
    /// Keeps Keycloak's accounts over restarts. A deployment keeps only the folder of its database: a volume over all of its data
    /// would hide the realm that the image brings.
    /// </summary>
    internal static IResourceBuilder<KeycloakResource> WithKeptAccounts(this IResourceBuilder<KeycloakResource> keycloak)
    {
        if (keycloak.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return keycloak.WithDataVolume();
        }

        keycloak.WithDatabaseVolume();
        return keycloak;
    }

    /// <summary>
    /// Tells Keycloak its public URL, which is the issuer for all; who asks it from inside gets addresses inside for the rest.
    /// </summary>
    internal static IResourceBuilder<KeycloakResource> WithPublicUrl(this IResourceBuilder<KeycloakResource> keycloak, ReferenceExpression publicUrl)
    {
        keycloak
            .WithEnvironment("KC_HOSTNAME", publicUrl)
            .WithEnvironment("KC_HOSTNAME_BACKCHANNEL_DYNAMIC", "true");
        return keycloak.ApplicationBuilder.ExecutionContext.IsRunMode
            ? keycloak
            // In a deployment TLS ends in front of it, and browsers come from outside; its management stays inside.
            : keycloak
                .WithEnvironment("KC_HTTP_ENABLED", "true")
                .WithEnvironment("KC_PROXY_HEADERS", "xforwarded")
                .WithEndpoint("http", endpoint => endpoint.IsExternal = true);
    }

    /// <summary>
    /// Fills the realm's placeholders with where AuthServer is: as browsers see it, and as Keycloak does, which fetches keys
    /// from it and posts logouts to it. A container sees this machine under another name, so AuthServer is told that too.
    /// </summary>
    internal static IResourceBuilder<KeycloakResource> WithRealmClient(
        this IResourceBuilder<KeycloakResource> keycloak, IResourceBuilder<ProjectResource> authserver, ReferenceExpression publicUrl)
    {
        var builder = keycloak.ApplicationBuilder;
        var seenFromContainer = authserver.GetEndpoint(builder.Scheme(), KnownNetworkIdentifiers.DefaultAspireContainerNetwork);
        var backChannelUrl = builder.ExecutionContext.IsRunMode ? ReferenceExpression.Create($"{seenFromContainer}") : publicUrl;
        if (builder.ExecutionContext.IsRunMode)
        {
            authserver.WithEnvironment("BackChannelHosts__0", $"{seenFromContainer.Property(EndpointProperty.HostAndPort)}");
        }

        var places = new Dictionary<string, ReferenceExpression>
        {
            ["AUTHSERVER_PUBLIC_URL"] = publicUrl,
            ["AUTHSERVER_BACKCHANNEL_URL"] = backChannelUrl,
        };
        foreach (var (name, value) in places)
        {
            keycloak.WithEnvironment(name, value);
        }

        return keycloak.OnResourceReady((_, ready, stop) => CompareAsync(keycloak, places, ready, stop));
    }

    /// <summary>
    /// Makes it the provider at which people sign in to AuthServer. A deployment's AuthServer fetches the metadata inside the
    /// network, over plain http, which it does only from a provider for which it is told so. Its outbound guard is told
    /// nothing: that would open Keycloak to URLs of strangers.
    /// </summary>
    internal static IResourceBuilder<ProjectResource> WithSignInAt(
        this IResourceBuilder<ProjectResource> authserver, IResourceBuilder<KeycloakResource> keycloak, ReferenceExpression publicUrl)
    {
        authserver.WithEnvironment("SignIn__Providers__keycloak__Issuer", $"{publicUrl}/realms/{RealmFile.Realm}");
        if (authserver.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return authserver;
        }

        var inside = keycloak.GetEndpoint("http");
        return authserver
            .WithEnvironment("SignIn__Providers__keycloak__Metadata", $"{inside}/realms/{RealmFile.Realm}/.well-known/openid-configuration")
            .WithEnvironment("SignIn__Providers__keycloak__AllowHttp", "true");
    }

    /// <summary>A deployment has no files of this machine: there the realm comes in an image of its own.</summary>
    [Conditional("ASPIRE")]
    private static void WithRealmInImage(this IResourceBuilder<KeycloakResource> keycloak)
    {
#if ASPIRE
        if (keycloak.ApplicationBuilder.ExecutionContext.IsPublishMode
            && keycloak.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image))
        {
            keycloak
                .WithDockerfile("Realms")
                .WithBuildArg("KEYCLOAK", $"{image.Registry}/{image.Image}:{image.Tag}");
        }
#endif
    }

    [Conditional("ASPIRE")]
    private static void WithDatabaseVolume(this IResourceBuilder<KeycloakResource> keycloak)
    {
#if ASPIRE
        keycloak.WithVolume($"{keycloak.Resource.Name}-database", "/opt/keycloak/data/h2");
#endif
    }

    private static async Task CompareAsync(
        IResourceBuilder<KeycloakResource> keycloak, Dictionary<string, ReferenceExpression> places, ResourceReadyEvent ready, CancellationToken stop)
    {
        var values = new Dictionary<string, string>();
        foreach (var (placeholder, value) in places)
        {
            values[placeholder] = await value.GetValueAsync(stop) ?? "";
        }

        var path = Path.Combine(keycloak.ApplicationBuilder.AppHostDirectory, RealmFile.RelativePath);
        var file = RealmFile.Parse(await File.ReadAllTextAsync(path, stop), values);
        using var http = ready.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        var url = new Uri(keycloak.GetEndpoint("http").Url);
        var log = ready.Services.GetRequiredService<ResourceLoggerService>().GetLogger(keycloak.Resource);
        var name = keycloak.Resource.AdminUserNameParameter is { } administrator ? await administrator.GetValueAsync(stop) : null;
        var password = await keycloak.Resource.AdminPasswordParameter.GetValueAsync(stop);
        await new RealmCheck(file, new RealmAdmin(http, url), url, log).RunAsync(name ?? "admin", password ?? "", stop);
    }
}
