using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Clients;

/// <summary>What a client's grants mean in OpenIddict's permissions.</summary>
internal static class ClientPermissions
{
    /// <summary>The names of the permissions of one kind.</summary>
    internal static IEnumerable<string> Named(IEnumerable<string> permissions, string prefix) =>
        permissions.Where(permission => permission.StartsWith(prefix, StringComparison.Ordinal)).Select(permission => permission[prefix.Length..]);

    internal static IEnumerable<string> For(IReadOnlyCollection<string> grantTypes, string authenticationMethod, ClientSource source)
    {
        yield return Permissions.Endpoints.Token;
        yield return Permissions.Endpoints.Revocation;
        if (grantTypes.Contains(GrantTypes.AuthorizationCode))
        {
            yield return Permissions.Endpoints.Authorization;
            yield return Permissions.Endpoints.PushedAuthorization;
            yield return Permissions.Endpoints.EndSession;
            yield return Permissions.ResponseTypes.Code;
        }

        if (grantTypes.Contains(GrantTypes.DeviceCode))
        {
            yield return Permissions.Endpoints.DeviceAuthorization;
        }

        // Whose tokens it may look at is for the introspection endpoint to judge.
        if (source == ClientSource.Configured && authenticationMethod != ClientAuthenticationMethods.None)
        {
            yield return Permissions.Endpoints.Introspection;
        }

        foreach (var grantType in grantTypes)
        {
            yield return Permissions.Prefixes.GrantType + grantType;
        }
    }
}
