namespace McpAspire.AuthServer.Federation.Providers;

/// <summary>A configured identity provider, checked and complete.</summary>
internal sealed record Provider
{
    /// <summary>Its name in settings, paths and links.</summary>
    public required string Key { get; init; }

    public required ProviderType Type { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Compared as it stands, a slash at the end included.</summary>
    public required string Issuer { get; init; }

    public required Uri Metadata { get; init; }

    /// <summary>True where its endpoints may be plain http.</summary>
    public required bool AllowHttp { get; init; }

    public required string ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public required string SecretMethod { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required bool FormPost { get; init; }

    public required ClaimMap ClaimMap { get; init; }

    public required IReadOnlyDictionary<string, string> RoleMap { get; init; }

    public string? RolePrefix { get; init; }

    public required bool AsksUserInfo { get; init; }

    public required OfflineAccess Offline { get; init; }

    public required TimeSpan MaxSessionAge { get; init; }

    public required TimeSpan OfflineLifetime { get; init; }

    public required TimeSpan UnreachableGrace { get; init; }

    /// <summary>True where its ID-JAGs are taken.</summary>
    public required bool EnterpriseManaged { get; init; }

    /// <summary>GitHub's endpoints; null for providers that have a discovery document.</summary>
    public GitHubEndpoints? GitHub { get; init; }

    /// <summary>Its scheme among ASP.NET Core's.</summary>
    internal string Scheme => "provider:" + Key;

    internal bool IsOpenId => GitHub is null;

    /// <summary>True where a session there is ended with a refresh token of it; elsewhere only the token is revoked, and the browser stays signed in there.</summary>
    internal bool EndsSessions => Type == ProviderType.Keycloak;

    /// <summary>Where a sign-in there begins.</summary>
    internal string SignInPath => $"{SignIn.SignInEndpoints.Path}/{Key}";

    internal string CallbackPath => SignInPath + "/callback";
}

/// <summary>The three endpoints of GitHub's own protocol; the addresses of a person are at <c>/emails</c> below the user's.</summary>
internal sealed record GitHubEndpoints(Uri Authorization, Uri Token, Uri User);
