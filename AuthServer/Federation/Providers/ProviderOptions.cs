namespace McpAspire.AuthServer.Federation.Providers;

/// <summary>What an operator writes under <c>SignIn:Providers:KEY</c>. What is left out comes from the type's <see cref="ProviderPreset"/>.</summary>
internal sealed class ProviderOptions
{
    /// <summary>Keycloak, Oidc, Auth0, Google, GitHub or Entra; the key, where it is one of these.</summary>
    public string? Type { get; set; }

    /// <summary>What people call it, for pages.</summary>
    public string? Name { get; set; }

    /// <summary>Its issuer, exactly as its discovery document and its tokens write it, a slash at the end included.</summary>
    public string? Issuer { get; set; }

    /// <summary>Where its discovery document is fetched, where that is not under the issuer.</summary>
    public string? Metadata { get; set; }

    /// <summary>
    /// True where <see cref="Metadata"/> may be plain http, and with it the endpoints that it names: a provider in the same
    /// network. The issuer stays https.
    /// </summary>
    public bool AllowHttp { get; set; }

    public string? ClientId { get; set; }

    /// <summary>Our secret there. Without one we prove ourselves with a key (private_key_jwt).</summary>
    public string? ClientSecret { get; set; }

    /// <summary>How the secret is sent: <c>client_secret_post</c> or <c>client_secret_basic</c>.</summary>
    public string? ClientAuthentication { get; set; }

    /// <summary>The scopes asked for at each sign-in, separated by spaces.</summary>
    public string? Scopes { get; set; }

    /// <summary><c>query</c>, or <c>form_post</c> for a provider that can do nothing else.</summary>
    public string ResponseMode { get; set; } = "query";

    public ClaimMap ClaimMap { get; set; } = new();

    /// <summary>Where set, only these roles are taken: theirs, then ours.</summary>
    public Dictionary<string, string> RoleMap { get; } = new(StringComparer.Ordinal);

    /// <summary>Where set, only roles that begin so are taken, without it.</summary>
    public string? RolePrefix { get; set; }

    /// <summary>How old a session gets for which the provider gave no refresh token.</summary>
    public TimeSpan MaxSessionAge { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long after the last sign-in applications stay connected where the provider gave no offline token.</summary>
    public TimeSpan OfflineLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long applications go on while the provider can't be asked.</summary>
    public TimeSpan UnreachableGrace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>True where applications get tokens for its people by its word alone (ID-JAG), without a browser and a consent here.</summary>
    public bool EnterpriseManaged { get; set; }

    /// <summary>GitHub only: where the browser is sent.</summary>
    public string? AuthorizationEndpoint { get; set; }

    /// <summary>GitHub only: where codes are redeemed.</summary>
    public string? TokenEndpoint { get; set; }

    /// <summary>GitHub only: who it is; their addresses are at <c>/emails</c> below it.</summary>
    public string? UserEndpoint { get; set; }
}

/// <summary>
/// From which claim each fact about a person comes. Several names, separated by spaces, are tried in turn; a name is a
/// claim's own or a path of dots into it, such as <c>realm_access.roles</c>.
/// </summary>
internal sealed class ClaimMap
{
    public string? Name { get; set; }

    public string? Email { get; set; }

    public string? UserName { get; set; }

    public string? Roles { get; set; }
}
