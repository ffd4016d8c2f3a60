using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace McpAspire.ServiceDefaults.PublicUrls;

/// <summary>Registers the public URL and the rules that follow from it.</summary>
public static class PublicUrlExtensions
{
    /// <summary>Reads and validates the setting <c>PublicUrl</c>, and offers it as a <see cref="PublicUrl"/>.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <exception cref="InvalidOperationException">The setting is missing or unsafe; the message says what to set.</exception>
    public static void AddPublicUrl(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(PublicUrl.Parse(builder.Configuration["PublicUrl"], builder.Environment.IsDevelopment()));
        builder.Services.TryAddSingleton(BackChannelHosts.None);
    }

    /// <summary>
    /// Names the paths on which the hosts of the setting <c>BackChannelHosts</c> are accepted as well as the public URL's.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="paths">Paths, or templates of them, that other programs ask and browsers do not.</param>
    public static void AddBackChannelPaths(this IHostApplicationBuilder builder, params string[] paths) =>
        builder.Services.AddSingleton(
            new BackChannelHosts(builder.Configuration.GetSection(BackChannelHosts.Setting).Get<string[]>() ?? [], paths));

    /// <summary>
    /// Takes X-Forwarded-For, -Proto and -Host from the proxies listed under <c>ForwardedHeaders:KnownProxies</c>
    /// (addresses) and <c>ForwardedHeaders:KnownNetworks</c> (CIDR). None are known by default.
    /// </summary>
    /// <param name="app">The pipeline.</param>
    public static WebApplication UseKnownProxies(this WebApplication app)
    {
        var proxies = app.Configuration.GetSection("ForwardedHeaders:KnownProxies").Get<string[]>() ?? [];
        var networks = app.Configuration.GetSection("ForwardedHeaders:KnownNetworks").Get<string[]>() ?? [];
        if (proxies.Length == 0 && networks.Length == 0)
        {
            return app;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            options.KnownProxies.Add(IPAddress.Parse(proxy));
        }

        foreach (var network in networks)
        {
            options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        }

        app.UseForwardedHeaders(options);
        return app;
    }

    /// <summary>Applies <see cref="PublicHost"/>.</summary>
    /// <param name="app">The pipeline.</param>
    public static IApplicationBuilder UsePublicHost(this IApplicationBuilder app) => app.UseMiddleware<PublicHost>();
}
