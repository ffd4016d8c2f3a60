using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Authorize;

/// <summary>Limits of the parameters of requests, section <c>RequestLimits</c>. How large a body may be stands there too, for every service.</summary>
internal sealed class RequestLimitOptions
{
    private const string Section = "RequestLimits";

    /// <summary>How many characters <c>state</c> and <c>nonce</c> may have.</summary>
    public int LongestState { get; set; } = 2048;

    /// <summary>How many scopes a request may ask for.</summary>
    public int MostScopes { get; set; } = 50;

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static RequestLimitOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<RequestLimitOptions>(configuration, Section, "MostBytes");
        SettingRange.Check($"{Section}:{nameof(LongestState)}", options.LongestState, 128, 16 * 1024);
        SettingRange.Check($"{Section}:{nameof(MostScopes)}", options.MostScopes, ScopeCatalog.All.Length, 1000);
        return options;
    }
}
