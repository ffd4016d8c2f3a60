using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace McpAspire.ServiceDefaults.Outbound;

/// <summary>Registers the outbound guard.</summary>
public static class OutboundExtensions
{
    /// <summary>Adds the <see cref="OutboundGuard"/>, with its settings from the section <c>Outbound</c>.</summary>
    /// <param name="builder">The service's builder.</param>
    public static void AddOutboundGuard(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<OutboundOptions>().BindConfiguration("Outbound");
        builder.Services.AddSingleton<OutboundGuard>();
    }
}
