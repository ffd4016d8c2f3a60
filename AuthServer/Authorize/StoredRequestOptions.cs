using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Authorize;

/// <summary>Settings of the requests that anybody may make us store, section <c>StoredRequests</c>.</summary>
internal sealed class StoredRequestOptions
{
    private const string Section = "StoredRequests";

    /// <summary>How many one address may make us store in a minute.</summary>
    public int PerMinute { get; set; } = 120;

    /// <summary>How many characters the parameters of one may have in all.</summary>
    public int Longest { get; set; } = 8 * 1024;

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static StoredRequestOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<StoredRequestOptions>(configuration, Section);
        SettingRange.Check($"{Section}:{nameof(PerMinute)}", options.PerMinute, 1, 1_000_000);
        SettingRange.Check($"{Section}:{nameof(Longest)}", options.Longest, 1024, 64 * 1024);
        return options;
    }
}
