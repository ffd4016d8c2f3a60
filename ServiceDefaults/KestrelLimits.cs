using Microsoft.AspNetCore.Hosting;

namespace McpAspire.ServiceDefaults;

internal static class KestrelLimits
{
    /// <summary>Bodies have a limit (64 KB; a service that needs more says so where it does), and no server header.</summary>
    internal static void ConfigureKestrelLimits(this IWebHostBuilder webHost) => webHost.ConfigureKestrel(options =>
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = 64 * 1024;
    });
}
