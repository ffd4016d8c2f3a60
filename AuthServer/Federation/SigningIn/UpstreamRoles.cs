using McpAspire.AuthServer.Federation.Providers;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>Which of a provider's roles become roles here, and under which name.</summary>
internal static class UpstreamRoles
{
    private const int MostRoles = 50;
    private const int LongestRole = 100;

    /// <summary>Roles that every user of a Keycloak realm has, and that mean something to Keycloak only.</summary>
    private static readonly string[] KeycloaksOwn = ["offline_access", "uma_authorization"];

    internal static IReadOnlyList<string> Take(Provider provider, IEnumerable<string> upstream) =>
        [
            .. upstream.Where(role => !IsKeycloaksOwn(provider, role)).Select(role => Map(provider, role)).OfType<string>()
                .Where(IsUsable).Distinct(StringComparer.Ordinal).Take(MostRoles),
        ];

    private static bool IsKeycloaksOwn(Provider provider, string role) =>
        provider.Type == ProviderType.Keycloak && (KeycloaksOwn.Contains(role) || role.StartsWith("default-roles-", StringComparison.Ordinal));

    private static string? Map(Provider provider, string role)
    {
        if (provider.RolePrefix is { Length: > 0 } prefix)
        {
            if (!role.StartsWith(prefix, StringComparison.Ordinal))
            {
                return null;
            }

            role = role[prefix.Length..];
        }

        return provider.RoleMap.Count == 0 ? role : provider.RoleMap.GetValueOrDefault(role);
    }

    /// <summary>Roles are kept in one text, separated by spaces.</summary>
    private static bool IsUsable(string role) => role.Length is > 0 and <= LongestRole && !role.Any(char.IsWhiteSpace);
}
