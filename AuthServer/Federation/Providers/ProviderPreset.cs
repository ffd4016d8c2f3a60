using McpAspire.AuthServer.Federation.Asking;

namespace McpAspire.AuthServer.Federation.Providers;

/// <summary>The kinds of identity providers that we know by name.</summary>
internal enum ProviderType
{
    Keycloak,
    Oidc,
    Auth0,
    Google,
    GitHub,
    Entra,
}

/// <summary>How a provider is asked for a token that outlives the session there.</summary>
internal enum OfflineAccess
{
    /// <summary>It gives none.</summary>
    None,

    /// <summary>By the scope <c>offline_access</c>.</summary>
    Scope,

    /// <summary>By the scope and <c>prompt=consent</c>, as OpenID Connect Core §11 has it.</summary>
    ScopeWithConsent,

    /// <summary>By <c>access_type=offline</c> and <c>prompt=consent</c>.</summary>
    GoogleParameter,
}

/// <summary>What is true of every provider of a type, and what is assumed where nothing is configured.</summary>
internal sealed record ProviderPreset
{
    public string? Issuer { get; init; }

    public string? ClientId { get; init; }

    public string Scopes { get; init; } = "openid profile email";

    /// <summary>False where it takes only a secret.</summary>
    public bool TakesAssertions { get; init; } = true;

    public string SecretMethod { get; init; } = ClientProof.Post;

    public string NameClaim { get; init; } = "name";

    public string EmailClaim { get; init; } = "email";

    public string UserNameClaim { get; init; } = "preferred_username";

    public string RolesClaim { get; init; } = "roles";

    /// <summary>True where the ID token lacks what the scopes give, and userinfo has it.</summary>
    public bool AsksUserInfo { get; init; }

    public OfflineAccess Offline { get; init; } = OfflineAccess.Scope;

    internal static ProviderPreset Of(ProviderType type) => type switch
    {
        ProviderType.Keycloak => new() { ClientId = "authserver", RolesClaim = "roles realm_access.roles" },
        // Auth0 takes assertions signed with RSA only, and ours are ES256.
        ProviderType.Auth0 => new() { TakesAssertions = false, UserNameClaim = "nickname email", AsksUserInfo = true },
        ProviderType.Google => new()
        {
            Issuer = "https://accounts.google.com",
            TakesAssertions = false,
            UserNameClaim = "email",
            Offline = OfflineAccess.GoogleParameter,
        },
        // Entra wants the thumbprint of a certificate in an assertion, and its token endpoint as the audience.
        ProviderType.Entra => new() { TakesAssertions = false },
        ProviderType.GitHub => new()
        {
            Issuer = "https://github.com",
            Scopes = "read:user user:email",
            TakesAssertions = false,
            UserNameClaim = "login",
            NameClaim = "name login",
            Offline = OfflineAccess.None,
        },
        // OpenID Connect Core §9: a client that registered no method uses Basic.
        _ => new() { SecretMethod = ClientProof.Basic, AsksUserInfo = true, Offline = OfflineAccess.ScopeWithConsent },
    };
}
