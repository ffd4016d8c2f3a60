using Microsoft.Extensions.Logging;

namespace McpAspire.ServiceDefaults.Telemetry;

/// <summary>Filters that configuration cannot undo.</summary>
public static class LogFilters
{
    /// <summary>
    /// Lets a category log nothing below a level, whatever configuration says. Call it in PostConfigure: of two rules for
    /// a category the last one wins, and a rule for one provider wins over a rule for all, so each provider gets its own.
    /// </summary>
    /// <param name="options">The filters.</param>
    /// <param name="category">The category, and all below it.</param>
    /// <param name="least">The lowest level that is logged.</param>
    public static void CapCategory(this LoggerFilterOptions options, string category, LogLevel least)
    {
        ArgumentNullException.ThrowIfNull(options);
        AddForEachProvider(options, provider => new LoggerFilterRule(provider, category, least, null));
    }

    /// <summary>
    /// Lets a category log nothing at times, and nothing below a warning else, whatever configuration says. Call it in
    /// PostConfigure, as <see cref="CapCategory"/>.
    /// </summary>
    /// <param name="options">The filters.</param>
    /// <param name="category">The category, and all below it.</param>
    /// <param name="isMute">Asked at each line: true where it is not logged.</param>
    public static void MuteCategory(this LoggerFilterOptions options, string category, Func<bool> isMute)
    {
        ArgumentNullException.ThrowIfNull(options);
        AddForEachProvider(options, provider => new LoggerFilterRule(provider, category, LogLevel.Warning, (_, _, _) => !isMute()));
    }

    private static void AddForEachProvider(LoggerFilterOptions options, Func<string?, LoggerFilterRule> rule)
    {
        foreach (var provider in options.Rules.Select(known => known.ProviderName).Append(null).Distinct().ToArray())
        {
            options.Rules.Add(rule(provider));
        }
    }
}
