using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace McpAspire.ServiceDefaults.PublicUrls;

/// <summary>
/// Names by which programs inside reach this service, besides its public URL: a container sees the machine that it runs on
/// under another name. They are accepted on the few paths that the service names, which no browser visits.
/// </summary>
public sealed class BackChannelHosts
{
    /// <summary>The configuration key: a list of <c>host</c> or <c>host:port</c>.</summary>
    public const string Setting = "BackChannelHosts";

    private readonly HashSet<string> _hosts;
    private readonly TemplateMatcher[] _paths;

    /// <summary>Accepts these hosts on these paths.</summary>
    /// <param name="hosts">Each <c>host</c>, whatever the port, or <c>host:port</c>.</param>
    /// <param name="paths">Paths, or templates of them such as <c>/sign-in/{key}/backchannel-logout</c>.</param>
    public BackChannelHosts(IEnumerable<string> hosts, params string[] paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        _hosts = new HashSet<string>(hosts, StringComparer.OrdinalIgnoreCase);
        _paths = [.. paths.Select(path => new TemplateMatcher(TemplateParser.Parse(path), []))];
    }

    internal static BackChannelHosts None { get; } = new([]);

    internal bool Accept(HttpRequest request) =>
        (_hosts.Contains(request.Host.Value ?? "") || _hosts.Contains(request.Host.Host))
        && Array.Exists(_paths, path => path.TryMatch(request.Path, new RouteValueDictionary()));
}
