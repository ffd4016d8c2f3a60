using System.Globalization;
using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.SignIn;

/// <summary>When guessing a password locks an account, section <c>SignIn:Lockout</c>.</summary>
internal sealed class AccountLockOptions
{
    private const string Section = "SignIn:Lockout";

    /// <summary>After how many wrong passwords.</summary>
    public int After { get; set; } = 5;

    /// <summary>For how long.</summary>
    public TimeSpan Lasts { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The rule in words, for who typed a wrong one.</summary>
    internal string InWords => string.Create(
        CultureInfo.InvariantCulture,
        $"After {After} wrong {(After == 1 ? "password" : "passwords")} an account is locked for "
        + $"{(Lasts == TimeSpan.FromMinutes(1) ? "a minute" : $"{Lasts.TotalMinutes:0.#} minutes")}.");

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static AccountLockOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<AccountLockOptions>(configuration, Section);
        SettingRange.Check($"{Section}:{nameof(After)}", options.After, 1, 100);
        SettingRange.Check($"{Section}:{nameof(Lasts)}", options.Lasts, TimeSpan.FromSeconds(30), TimeSpan.FromDays(1));
        return options;
    }
}
