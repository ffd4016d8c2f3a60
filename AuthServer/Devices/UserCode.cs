namespace McpAspire.AuthServer.Devices;

/// <summary>
/// The code that a device shows and a person types (RFC 8628 §6.1): 8 consonants that look like no other, shown as
/// <c>XXXX-XXXX</c>, taken in any case and with or without what separates them.
/// </summary>
internal static class UserCode
{
    internal const int Length = 8;

    internal const string DisplayFormat = "{0}{1}{2}{3}-{4}{5}{6}{7}";

    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";

    internal static string[] Charset => [.. Letters.Select(letter => letter.ToString())];

    /// <summary>The code itself, or null where the text is none.</summary>
    internal static string? Read(string? text)
    {
        if (text is null || text.Length > 4 * Length)
        {
            return null;
        }

        var code = string.Concat(text.ToUpperInvariant().Where(char.IsLetterOrDigit));
        return code.Length == Length && code.All(Letters.Contains) ? code : null;
    }

    internal static string Show(string code) => $"{code[..4]}-{code[4..]}";
}
