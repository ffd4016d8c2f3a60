using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Devices;

/// <summary>Settings of the device grant, section <c>Devices</c>.</summary>
internal sealed class DeviceOptions
{
    /// <summary>The longest that a code may be set to live.</summary>
    internal static readonly TimeSpan LongestCodeLifetime = TimeSpan.FromMinutes(30);

    private const string Section = "Devices";

    /// <summary>How many wrong user codes a session may type within any minute (RFC 8628 §5.1).</summary>
    public int WrongCodesPerMinute { get; set; } = 5;

    /// <summary>How long a device code and its user code live (<c>expires_in</c>, RFC 8628 §3.2).</summary>
    public TimeSpan CodeLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static DeviceOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<DeviceOptions>(configuration, Section);
        SettingRange.Check($"{Section}:{nameof(WrongCodesPerMinute)}", options.WrongCodesPerMinute, 1, 100);
        SettingRange.Check($"{Section}:{nameof(CodeLifetime)}", options.CodeLifetime, TimeSpan.FromMinutes(2), LongestCodeLifetime);
        return options;
    }
}
