using System.Collections.Immutable;

namespace McpAspire.AuthServer.Authorize;

/// <summary>How a scope stands on the consent page.</summary>
internal enum ConsentKind
{
    /// <summary>It comes with the authorization; the person can only deny the whole.</summary>
    Fixed,

    /// <summary>A box that the person ticks or not.</summary>
    Box,

    /// <summary>Nobody asks for it: a resource server gets it by token exchange.</summary>
    ByExchange,
}

/// <summary>A scope, in words that a person understands.</summary>
/// <param name="Name">The scope's value in requests and tokens.</param>
/// <param name="Consent">How the consent page shows it.</param>
/// <param name="Words">What it gives, for the consent page.</param>
/// <param name="Implies">The scope that it contains, if any.</param>
/// <param name="AboutPerson">True where it means nothing in a token without a person.</param>
internal sealed record Scope(string Name, ConsentKind Consent, string Words, string? Implies = null, bool AboutPerson = false);

/// <summary>The scopes of this authorization server and their hierarchy, declared once.</summary>
internal static class ScopeCatalog
{
    internal const string Tools = "mcp:tools";
    internal const string OpenId = "openid";
    internal const string Profile = "profile";
    internal const string Email = "email";
    internal const string Roles = "roles";
    internal const string OfflineAccess = "offline_access";

    internal const string ProfileRead = "profile:read";

    /// <summary>The scopes that can be asked for.</summary>
    internal static readonly ImmutableArray<Scope> All =
    [
        new(Tools, ConsentKind.Fixed, "Talk to the server and use tools that touch nothing of yours"),
        new("notes:read", ConsentKind.Box, "Read your notes"),
        new("notes:write", ConsentKind.Box, "Change your notes (this includes reading them)", Implies: "notes:read"),
        new(OpenId, ConsentKind.Fixed, "Know who you are, by the id of your account here (the same for every application)", AboutPerson: true),
        new(Profile, ConsentKind.Box, "See your name", AboutPerson: true),
        new(Email, ConsentKind.Box, "See your e-mail address", AboutPerson: true),
        new(Roles, ConsentKind.Box, "See your roles", AboutPerson: true),
        new(OfflineAccess, ConsentKind.Box, "Stay connected after you sign out", AboutPerson: true),
    ];

    private static readonly ImmutableArray<Scope> Known = [.. All, new(ProfileRead, ConsentKind.ByExchange, "Read your profile", AboutPerson: true)];

    private static readonly Dictionary<string, Scope> ByName = Known.ToDictionary(scope => scope.Name, StringComparer.Ordinal);

    internal static bool Knows(string name) => ByName.ContainsKey(name);

    internal static Scope Of(string name) => ByName[name];

    /// <summary>The scopes and what they imply, in the order of the catalog: what a token names in full.</summary>
    internal static ImmutableArray<string> InFull(IEnumerable<string> names)
    {
        var full = names.Where(Knows).ToHashSet(StringComparer.Ordinal);
        foreach (var implied in full.Select(name => Of(name).Implies).OfType<string>().ToArray())
        {
            full.Add(implied);
        }

        return [.. Known.Select(scope => scope.Name).Where(full.Contains)];
    }

    /// <summary>The scopes that a request asks for: the minimum where it names none (RFC 6749 §3.3).</summary>
    internal static ImmutableArray<string> Asked(ImmutableArray<string> requested) =>
        InFull(requested.IsDefaultOrEmpty ? [Tools] : requested);

    internal static bool IsAboutPerson(string name) => ByName.TryGetValue(name, out var scope) && scope.AboutPerson;

    /// <summary>True for the scopes that each give a part of a person's profile.</summary>
    internal static bool IsPartOfProfile(string name) => name is Profile or Email or Roles;

    internal static string Text(IEnumerable<string> names) => string.Join(' ', names);

    internal static ImmutableArray<string> Parse(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
