using Microsoft.Extensions.Configuration;

namespace McpAspire.ServiceDefaults;

/// <summary>Reads a section of settings. One that is not known stops the start: it may be a misspelt limit, which else would not hold.</summary>
public static class SettingSection
{
    /// <summary>Reads a section; its defaults where it is missing.</summary>
    /// <typeparam name="T">What it holds, a property for each setting.</typeparam>
    /// <param name="configuration">The configuration.</param>
    /// <param name="section">The section's name.</param>
    /// <param name="also">Settings in it that others read.</param>
    /// <exception cref="InvalidOperationException">A setting is not known or can't be read; the message names it and says what there is.</exception>
    public static T Read<T>(IConfiguration configuration, string section, params ReadOnlySpan<string> also)
        where T : new()
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var found = configuration.GetSection(section);
        Check<T>(found, also);
        return found.Get<T>() ?? new T();
    }

    /// <summary>Reads a section that is a list; an empty one where it is missing.</summary>
    /// <typeparam name="T">What each entry holds, a property for each setting.</typeparam>
    /// <param name="configuration">The configuration.</param>
    /// <param name="section">The section's name.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="Read{T}"/>.</exception>
    public static T[] ReadList<T>(IConfiguration configuration, string section)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var found = configuration.GetSection(section);
        foreach (var entry in found.GetChildren())
        {
            Check<T>(entry);
        }

        return found.Get<T[]>() ?? [];
    }

    /// <summary>The first setting of a section for which there is no property; null where there is none.</summary>
    /// <typeparam name="T">What the section holds.</typeparam>
    /// <param name="section">The section.</param>
    /// <param name="also">Settings beside the properties.</param>
    public static string? Unknown<T>(IConfigurationSection section, params ReadOnlySpan<string> also)
    {
        ArgumentNullException.ThrowIfNull(section);
        var known = new HashSet<string>([.. Names<T>(), .. also], StringComparer.OrdinalIgnoreCase);
        return section.GetChildren().Select(child => child.Key).FirstOrDefault(key => !known.Contains(key));
    }

    /// <summary>The settings of a section, for a message.</summary>
    /// <typeparam name="T">What the section holds.</typeparam>
    public static string Known<T>() => string.Join(", ", Names<T>());

    private static void Check<T>(IConfigurationSection section, params ReadOnlySpan<string> also)
    {
        if (Unknown<T>(section, also) is { } unknown)
        {
            throw new InvalidOperationException($"The setting '{section.Path}:{unknown}' is not known. Known are: {Known<T>()}.");
        }
    }

    private static IEnumerable<string> Names<T>() => typeof(T).GetProperties().Select(property => property.Name);
}
