using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Limits;

/// <summary>How much may be guessed from one network within a minute, section <c>Guessing</c>. What is right counts for nothing.</summary>
internal sealed class GuessingOptions
{
    private const string Section = "Guessing";

    /// <summary>How many wrong passwords, of whatever accounts.</summary>
    public int PasswordsPerMinute { get; set; } = 30;

    /// <summary>How many wrong secrets of one client.</summary>
    public int SecretsPerMinute { get; set; } = 30;

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static GuessingOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<GuessingOptions>(configuration, Section);
        SettingRange.Check($"{Section}:{nameof(PasswordsPerMinute)}", options.PasswordsPerMinute, 1, 1_000_000);
        SettingRange.Check($"{Section}:{nameof(SecretsPerMinute)}", options.SecretsPerMinute, 1, 1_000_000);
        return options;
    }
}
