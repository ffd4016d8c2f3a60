using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Devices;

/// <summary>Settings of the device grant, section <c>Devices</c>.</summary>
internal sealed class DeviceOptions
{
    private const string Section = "Devices";

    /// <summary>How many wrong user codes a session may type within any minute (RFC 8628 §5.1).</summary>
    public int WrongCodesPerMinute { get; set; } = 5;

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static DeviceOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<DeviceOptions>(configuration, Section);
        SettingRange.Check($"{Section}:{nameof(WrongCodesPerMinute)}", options.WrongCodesPerMinute, 1, 100);
        return options;
    }
}
