using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace McpAspire.ServiceDefaults;

internal static class KestrelLimits
{
    private const string Setting = "RequestLimits:MostBytes";
    private const int Default = 64 * 1024;

    // Less than the first would not hold our own forms.
    private const int Least = 16 * 1024;
    private const int Most = 16 * 1024 * 1024;

    /// <summary>Bodies have a limit (64 KB by default; a service that needs more says so where it does), and no server header.</summary>
    /// <exception cref="InvalidOperationException">The setting makes no sense.</exception>
    internal static void ConfigureKestrelLimits(this IWebHostBuilder webHost, IConfiguration configuration)
    {
        var bytes = configuration.GetValue(Setting, Default);
        SettingRange.Check(Setting, bytes, Least, Most);
        webHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = bytes;
        });
    }
}
