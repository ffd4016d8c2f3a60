using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Strangers;

/// <summary>Settings of clients that nobody configured, section <c>Strangers</c>.</summary>
internal sealed class StrangerOptions
{
    private const string Section = "Strangers";

    /// <summary>How many that nobody used yet there may be, of those that registered and of those that a document describes.</summary>
    public int MostUnused { get; set; } = 10_000;

    /// <summary>How long one stays that nobody used yet.</summary>
    public TimeSpan UnusedLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long one stays after its last use.</summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromDays(365);

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static StrangerOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<StrangerOptions>(configuration, Section);
        SettingRange.Check($"{Section}:{nameof(MostUnused)}", options.MostUnused, 1, 10_000_000);
        SettingRange.Check($"{Section}:{nameof(UnusedLifetime)}", options.UnusedLifetime, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        SettingRange.Check($"{Section}:{nameof(IdleLifetime)}", options.IdleLifetime, TimeSpan.FromDays(1), TimeSpan.FromDays(3650));
        return options;
    }
}
