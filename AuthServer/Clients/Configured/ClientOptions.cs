namespace McpAspire.AuthServer.Clients.Configured;

/// <summary>A client of the setting <c>Clients</c>.</summary>
internal sealed class ClientOptions
{
    public string ClientId { get; set; } = string.Empty;

    public string? Name { get; set; }

    /// <summary>A random secret of 32 characters or more, for client_secret_basic and client_secret_post. Only its hash is stored.</summary>
    public string? Secret { get; set; }

    /// <summary>A JSON Web Key Set of public keys, for private_key_jwt.</summary>
    public string? Jwks { get; set; }

    /// <summary>Where such a set is, instead.</summary>
    public string? JwksUri { get; set; }

    /// <summary>What it may do at the token endpoint. Default: authorization_code and refresh_token.</summary>
    public IList<string> GrantTypes { get; } = [];

    /// <summary>Where the browser goes back to; for authorization_code.</summary>
    public IList<string> RedirectUris { get; } = [];

    public IList<string> PostLogoutRedirectUris { get; } = [];

    /// <summary>Where it wants to be told that a session ended (OpenID Connect Back-Channel Logout §2.2).</summary>
    public string? BackChannelLogoutUri { get; set; }

    /// <summary>True where it can't use a logout token without <c>sid</c>.</summary>
    public bool BackChannelLogoutSessionRequired { get; set; }

    /// <summary>What it may ask for, separated by spaces. Default: everything.</summary>
    public string? Scope { get; set; }

    /// <summary>The resources, by their <c>Uri</c>, that it may get tokens for. Default: all.</summary>
    public IList<string> Resources { get; } = [];

    /// <summary>True for an app on a person's machine: the port of its loopback redirect URI is free.</summary>
    public bool Native { get; set; }

    /// <summary>True where it must push its authorization requests (RFC 9126 §6).</summary>
    public bool RequirePushed { get; set; }
}
