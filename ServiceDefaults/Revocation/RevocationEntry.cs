using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace McpAspire.ServiceDefaults.Revocation;

/// <summary>What a revocation entry ends.</summary>
public enum RevokedKind
{
    /// <summary>All tokens of one grant (<c>grant_id</c>).</summary>
    Grant,

    /// <summary>All tokens that are bound to one session (<c>sid</c>).</summary>
    Session,

    /// <summary>All tokens of one person (<c>sub</c>) that were issued up to a moment.</summary>
    Subject,
}

/// <summary>
/// One act that ends access tokens before they expire, as the authorization server tells its resource servers. It
/// matters for as long as a token that it ends can live.
/// </summary>
/// <param name="Kind">What ends.</param>
/// <param name="Id">The grant, session or subject.</param>
/// <param name="IssuedUpTo">For a subject: tokens whose <c>iat</c> is not after it end. Otherwise null.</param>
/// <param name="ExpiresAt">When no token that it ends can be alive any more; whole seconds.</param>
public sealed record RevocationEntry(RevokedKind Kind, string Id, DateTimeOffset? IssuedUpTo, DateTimeOffset ExpiresAt)
{
    private const string GrantWord = "grant";
    private const string SessionWord = "sid";
    private const string SubjectWord = "sub";

    // The last second of the year 9999.
    private const long LastUnixSecond = 253_402_300_799;

    /// <summary>The member of the sorted set <see cref="RevocationPlaces.Entries"/>; its score is <see cref="ExpiresAt"/> in Unix seconds.</summary>
    public string Member => Kind switch
    {
        RevokedKind.Grant => $"{GrantWord}:{Id}",
        RevokedKind.Session => $"{SessionWord}:{Id}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{SubjectWord}:{IssuedUpTo!.Value.ToUnixTimeSeconds()}:{Id}"),
    };

    /// <summary>The message on <see cref="RevocationPlaces.Channel"/>: when it expires, a space, the member.</summary>
    public string Message => MessageOf(Member, ExpiresAt);

    /// <summary>The message about a member of the sorted set.</summary>
    /// <param name="member">The member.</param>
    /// <param name="expiresAt">When it expires.</param>
    public static string MessageOf(string member, DateTimeOffset expiresAt) =>
        string.Create(CultureInfo.InvariantCulture, $"{expiresAt.ToUnixTimeSeconds()} {member}");

    /// <summary>Reads a message of the channel.</summary>
    /// <param name="message">The message.</param>
    /// <param name="entry">The entry.</param>
    /// <returns>False where it is no such message.</returns>
    public static bool TryParseMessage(string message, [NotNullWhen(true)] out RevocationEntry? entry)
    {
        ArgumentNullException.ThrowIfNull(message);
        entry = null;
        var space = message.IndexOf(' ', StringComparison.Ordinal);
        return space > 0
            && long.TryParse(message.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
            && TryParseMember(message[(space + 1)..], expires, out entry);
    }

    /// <summary>Reads a member of the sorted set.</summary>
    /// <param name="member">The member.</param>
    /// <param name="expires">Its score: Unix seconds.</param>
    /// <param name="entry">The entry.</param>
    /// <returns>False where it is no such member.</returns>
    public static bool TryParseMember(string member, long expires, [NotNullWhen(true)] out RevocationEntry? entry)
    {
        ArgumentNullException.ThrowIfNull(member);
        entry = null;
        if (expires is < 0 or > LastUnixSecond)
        {
            return false;
        }

        var until = DateTimeOffset.FromUnixTimeSeconds(expires);
        entry = member.Split(':', 2) switch
        {
            [GrantWord, { Length: > 0 } id] => new RevocationEntry(RevokedKind.Grant, id, null, until),
            [SessionWord, { Length: > 0 } id] => new RevocationEntry(RevokedKind.Session, id, null, until),
            [SubjectWord, var rest] => Subject(rest, until),
            _ => null,
        };
        return entry is not null;
    }

    private static RevocationEntry? Subject(string text, DateTimeOffset until) =>
        text.Split(':', 2) is [var seconds, { Length: > 0 } id]
            && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var issuedUpTo) && issuedUpTo <= LastUnixSecond
            ? new RevocationEntry(RevokedKind.Subject, id, DateTimeOffset.FromUnixTimeSeconds(issuedUpTo), until)
            : null;
}
