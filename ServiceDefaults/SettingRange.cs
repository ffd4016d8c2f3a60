using System.Globalization;

namespace McpAspire.ServiceDefaults;

/// <summary>Checks a setting at the start, so that one that makes no sense stops it.</summary>
public static class SettingRange
{
    /// <summary>Checks that a setting lies between two bounds, both of which it may be.</summary>
    /// <param name="setting">Its whole name, for the message.</param>
    /// <param name="value">What it is.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    /// <exception cref="InvalidOperationException">It does not; the message names the setting and says what it may be.</exception>
    public static void Check<T>(string setting, T value, T least, T most)
        where T : IComparable<T>
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"The setting '{setting}' is {value}. Set it to something from {least} to {most}."));
        }
    }
}
