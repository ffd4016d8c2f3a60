using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Clients;

/// <summary>A client of the setting <c>Clients</c>.</summary>
internal sealed class ClientOptions
{
    public string ClientId { get; set; } = string.Empty;

    public string? Name { get; set; }

    /// <summary>A secret of 32 characters or more, for client_secret_basic and client_secret_post.</summary>
    public string? Secret { get; set; }

    /// <summary>A JSON Web Key Set of public keys, for private_key_jwt.</summary>
    public string? Jwks { get; set; }

    /// <summary>What it may do at the token endpoint. Default: authorization_code and refresh_token.</summary>
    public IList<string> GrantTypes { get; } = [];

    public IList<string> RedirectUris { get; } = [];

    public IList<string> PostLogoutRedirectUris { get; } = [];

    /// <summary>Where it wants to be told that a session ended (OpenID Connect Back-Channel Logout §2.2).</summary>
    public string? BackChannelLogoutUri { get; set; }

    /// <summary>True where it can't use a logout token without <c>sid</c>.</summary>
    public bool BackChannelLogoutSessionRequired { get; set; }

    /// <summary>What it may ask for, separated by spaces. Default: everything.</summary>
    public string? Scope { get; set; }

    /// <summary>True for an app on a person's machine: the port of its loopback redirect URI is free.</summary>
    public bool Native { get; set; }
}

/// <summary>
/// Writes the clients of the setting <c>Clients</c> to the database at each start, so that configuration is what holds,
/// and removes the ones that it no longer names.
/// </summary>
internal sealed class ConfiguredClients(IOpenIddictApplicationManager clients, BackChannelLogoutUri logoutUris, IConfiguration configuration)
{
    private const int ShortestSecret = 32;

    internal async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var configured = configuration.GetSection("Clients").Get<ClientOptions[]>() ?? [];
        foreach (var client in configured)
        {
            await SaveAsync(Describe(client), cancellationToken);
        }

        await RemoveOthersAsync([.. configured.Select(client => client.ClientId)], cancellationToken);
    }

    private async Task SaveAsync(OpenIddictApplicationDescriptor descriptor, CancellationToken cancellationToken)
    {
        if (await clients.FindByClientIdAsync(descriptor.ClientId!, cancellationToken) is { } existing)
        {
            await clients.UpdateAsync(existing, descriptor, cancellationToken);
        }
        else
        {
            await clients.CreateAsync(descriptor, cancellationToken);
        }
    }

    private async Task RemoveOthersAsync(HashSet<string> named, CancellationToken cancellationToken)
    {
        var gone = new List<object>();
        await foreach (var client in clients.ListAsync(cancellationToken: cancellationToken))
        {
            var profile = await ClientProfile.OfAsync(clients, client, cancellationToken);
            if (profile.Source == ClientSource.Configured && !named.Contains((await clients.GetClientIdAsync(client, cancellationToken))!))
            {
                gone.Add(client);
            }
        }

        foreach (var client in gone)
        {
            await clients.DeleteAsync(client, cancellationToken);
        }
    }

    private OpenIddictApplicationDescriptor Describe(ClientOptions options)
    {
        try
        {
            var method = Method(options);
            var metadata = new ClientMetadata
            {
                ClientName = options.Name,
                RedirectUris = [.. options.RedirectUris],
                PostLogoutRedirectUris = [.. options.PostLogoutRedirectUris],
                GrantTypes = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken],
                Scope = options.Scope,
                ApplicationType = options.Native ? ApplicationTypes.Native : ApplicationTypes.Web,
            };
            var keys = options.Jwks is null ? null : ClientRegistration.ParseKeys(options.Jwks);
            var descriptor = ClientRegistration.Describe(metadata, options.ClientId, keys, method);
            descriptor.ClientSecret = options.Secret;
            descriptor.Permissions.UnionWith(options.GrantTypes.Select(type => Permissions.Prefixes.GrantType + type));
            if (method != ClientAuthenticationMethods.None)
            {
                descriptor.Permissions.Add(Permissions.Endpoints.Introspection);
            }

            new ClientProfile(
                ClientSource.Configured,
                method,
                BackChannelLogoutUri: logoutUris.Check(options.BackChannelLogoutUri, host: null),
                BackChannelLogoutSessionRequired: options.BackChannelLogoutSessionRequired).WriteTo(descriptor);
            return descriptor;
        }
        catch (ClientRefusedException exception)
        {
            throw new InvalidOperationException($"The client '{options.ClientId}' of the setting 'Clients' can't be used: {exception.Message}", exception);
        }
    }

    private static string Method(ClientOptions options)
    {
        if (options.ClientId.Length == 0 || (options.Secret is not null && options.Jwks is not null))
        {
            throw new ClientRefusedException("it needs a 'ClientId', and at most one of 'Secret' and 'Jwks'.");
        }

        if (options.Secret is { Length: < ShortestSecret })
        {
            throw new ClientRefusedException($"its 'Secret' must have {ShortestSecret} characters or more.");
        }

        return options switch
        {
            { Jwks: not null } => ClientAuthenticationMethods.PrivateKeyJwt,
            { Secret: not null } => ClientAuthenticationMethods.ClientSecretBasic,
            _ => ClientAuthenticationMethods.None,
        };
    }
}
