using System.Buffers;
using System.Text;

namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>
/// Reads the list of challenges in a <c>WWW-Authenticate</c> value (RFC 9110 §11.6.1). Commas part both challenges
/// and parameters, so a name is a parameter exactly where "=" follows it. What comes after a fault is left unread.
/// </summary>
internal static class WwwAuthenticateParser
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> Token68Characters =
        SearchValues.Create("-._~+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static IReadOnlyList<WwwAuthenticateChallenge> Parse(string value)
    {
        var challenges = new List<WwwAuthenticateChallenge>();
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var rest = value.AsSpan();
        while (true)
        {
            rest = rest.TrimStart(" \t,");
            if (!TryTake(ref rest, TokenCharacters, out var name))
            {
                return challenges;
            }

            var afterName = rest.TrimStart(" \t");
            if (challenges.Count > 0 && afterName is ['=', ..])
            {
                rest = afterName[1..].TrimStart(" \t");
                if (!TryTakeValue(ref rest, out var text))
                {
                    return challenges;
                }

                parameters.TryAdd(name, text);
                continue;
            }

            parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            rest = afterName;
            challenges.Add(new WwwAuthenticateChallenge(name, TakeToken68(ref rest), parameters));
        }
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, SearchValues<char> characters, out string taken)
    {
        var length = rest.IndexOfAnyExcept(characters);
        length = length < 0 ? rest.Length : length;
        taken = rest[..length].ToString();
        rest = rest[length..];
        return length > 0;
    }

    private static bool TryTakeValue(ref ReadOnlySpan<char> rest, out string value) =>
        rest is ['"', ..] ? TryTakeQuoted(ref rest, out value) : TryTake(ref rest, TokenCharacters, out value);

    // quoted-string (RFC 9110 §5.6.4): a backslash takes the next character as it is.
    private static bool TryTakeQuoted(ref ReadOnlySpan<char> rest, out string value)
    {
        var text = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case '"':
                    value = text.ToString();
                    rest = rest[(i + 1)..];
                    return true;
                case '\\' when i + 1 < rest.Length:
                    text.Append(rest[++i]);
                    break;
                default:
                    text.Append(rest[i]);
                    break;
            }
        }

        value = "";
        return false;
    }

    // A token68 stands alone: after it and its padding come a comma or the end.
    private static string? TakeToken68(ref ReadOnlySpan<char> rest)
    {
        var candidate = rest;
        if (!TryTake(ref candidate, Token68Characters, out var text))
        {
            return null;
        }

        var padded = candidate.TrimStart('=');
        var after = padded.TrimStart(" \t");
        if (after.Length > 0 && after[0] != ',')
        {
            return null;
        }

        text += new string('=', candidate.Length - padded.Length);
        rest = after;
        return text;
    }
}
