using McpAspire.ServiceDefaults;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Authorize;

/// <summary>A resource that tokens are made for, section <c>Resources</c>. The first is the default.</summary>
public sealed class ResourceOptions
{
    /// <summary>Its name, for the consent page.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>Its resource identifier (RFC 8707), which becomes <c>aud</c> exactly as written here.</summary>
    public string Uri { get; set; } = string.Empty;

    /// <summary>True where clients that nobody configured may have tokens for it.</summary>
    public bool Strangers { get; set; } = true;

    /// <summary>The client that its server is, where that introspects or exchanges the tokens that it receives.</summary>
    public string? Client { get; set; }

    /// <summary>What may be asked for there, separated by spaces; what that implies comes with it. Default: everything.</summary>
    public string? Scope { get; set; }

    /// <summary>
    /// True for a scope that means something in a token for it (RFC 9068 §2.2.3). Those about a person are of every resource:
    /// they say who it is and how long they stay connected, not what may be done there.
    /// </summary>
    internal bool Has(string scope) => Scope is null || ScopeCatalog.InFull(ScopeCatalog.Parse(Scope)).Contains(scope) || ScopeCatalog.IsAboutPerson(scope);
}

/// <summary>
/// The resources that are configured, and which of them a <c>resource</c> parameter means (RFC 8707): scheme and host in
/// any case, the default port left out, an empty path equal to <c>/</c>, the rest exact. The answer is always the
/// configured string.
/// </summary>
internal sealed class ResourceIndicators
{
    private readonly ResourceOptions[] _resources;

    /// <exception cref="InvalidOperationException">None is configured, or one is no URL that may be; the message says what to set.</exception>
    internal ResourceIndicators(IConfiguration configuration, bool development)
    {
        _resources = SettingSection.ReadList<ResourceOptions>(configuration, "Resources");
        if (_resources.Length == 0)
        {
            throw new InvalidOperationException("No resource is configured. Set 'Resources:0:Name' and 'Resources:0:Uri', for example to http://localhost:5200/mcp.");
        }

        foreach (var resource in _resources)
        {
            CheckUri(resource, development);
            CheckClient(resource, configuration.GetSection("Clients"));
            CheckScope(resource);
        }
    }

    internal ResourceOptions Default => _resources[0];

    /// <summary>The resource of that identifier, or null where it is none of ours.</summary>
    internal ResourceOptions? Find(string identifier) =>
        Canonical(identifier) is { } canonical ? Array.Find(_resources, resource => Canonical(resource.Uri) == canonical) : null;

    /// <summary>The resource that a request means: the one that it names, or the default (RFC 8707 §2.1); null where it is none of ours.</summary>
    internal ResourceOptions? Of(OpenIddictRequest request) => request.GetResources() is [var named, ..] ? Find(named) : Default;

    /// <summary>The resources whose server is that client.</summary>
    internal IEnumerable<ResourceOptions> OwnedBy(string? clientId) => _resources.Where(resource => resource.Client is not null && resource.Client == clientId);

    private static void CheckUri(ResourceOptions resource, bool development)
    {
        if (Canonical(resource.Uri) is null)
        {
            throw new InvalidOperationException($"The setting 'Resources' has the Uri '{resource.Uri}': it must be an absolute http or https URL without a fragment.");
        }

        if (new Uri(resource.Uri) is { Scheme: "http" } plain && !(development && plain.IsLoopback))
        {
            throw new InvalidOperationException($"The setting 'Resources' has the Uri '{resource.Uri}': plain http is for loopback hosts in Development only. Use https.");
        }
    }

    private static void CheckClient(ResourceOptions resource, IConfiguration clients)
    {
        if (resource.Client is null)
        {
            return;
        }

        var client = clients.GetChildren().FirstOrDefault(client => client["ClientId"] == resource.Client);
        if ((client?["Secret"] ?? client?["Jwks"] ?? client?["JwksUri"]) is null)
        {
            throw new InvalidOperationException(
                $"The resource '{resource.Uri}' of the setting 'Resources' has the Client '{resource.Client}': "
                + "it must be one of the setting 'Clients', with a 'Secret' or 'Jwks'.");
        }
    }

    private static void CheckScope(ResourceOptions resource)
    {
        if (resource.Scope is null)
        {
            return;
        }

        var named = ScopeCatalog.Parse(resource.Scope);
        var known = ScopeCatalog.All.Where(scope => !scope.AboutPerson).Select(scope => scope.Name).ToArray();
        if (named.IsEmpty || named.Except(known).Any())
        {
            throw new InvalidOperationException(
                $"The resource '{resource.Uri}' of the setting 'Resources' has the Scope '{resource.Scope}': "
                + $"name one or more of {ScopeCatalog.Text(known)}, separated by spaces. Those about a person are of every resource.");
        }
    }

    /// <summary>An identifier as it is compared, or null where it is none.</summary>
    internal static string? Canonical(string identifier)
    {
        if (identifier.Contains('#', StringComparison.Ordinal) || !Uri.TryCreate(identifier, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
        {
            return null;
        }

        // Path and query as they were written: Uri itself would resolve dots and decode escapes.
        var start = identifier.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = identifier.AsSpan(start).IndexOfAny('/', '?');
        var rest = end < 0 ? "/" : identifier[(start + end)..];
        return uri.GetLeftPart(UriPartial.Authority) + (rest.StartsWith('?') ? "/" + rest : rest);
    }
}
