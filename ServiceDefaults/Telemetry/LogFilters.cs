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
        foreach (var provider in options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToArray())
        {
            options.Rules.Add(new LoggerFilterRule(provider, category, least, null));
        }
    }
}
