using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace McpAspire.ServiceDefaults.Outbound;

/// <summary>Registers the outbound guard.</summary>
public static class OutboundExtensions
{
    /// <summary>Adds the <see cref="OutboundGuard"/>, with its settings from the section <c>Outbound</c>.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static void AddOutboundGuard(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // The guard reads them at the first request; looked at here, so that a bad one stops the start.
        var options = builder.Configuration.GetSection("Outbound").Get<OutboundOptions>() ?? new OutboundOptions();
        _ = new TrustedHosts(options.TrustedHosts);
        SettingRange.Check("Outbound:Timeout", options.Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        builder.Services.AddOptions<OutboundOptions>().BindConfiguration("Outbound");
        builder.Services.AddSingleton<OutboundGuard>();
    }
}
