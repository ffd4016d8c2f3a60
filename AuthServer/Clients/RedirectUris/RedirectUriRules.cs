using System.Collections.Immutable;
using McpAspire.AuthServer.Registration;
using McpAspire.ServiceDefaults.Outbound;
using Microsoft.AspNetCore.WebUtilities;

namespace McpAspire.AuthServer.Clients.RedirectUris;

/// <summary>
/// Which redirect URIs may be registered: https anywhere, http on loopback only, private-use schemes with a dot or of
/// <see cref="RedirectUriOptions.PrivateUseSchemes"/> (RFC 8252 §7). MCP's text knows https and localhost only.
/// </summary>
internal sealed class RedirectUriRules(RedirectUriOptions options)
{
    /// <summary>The parameters of an answer (RFC 6749 §4.1.2, RFC 9207 §2), none of which may come twice (§3.1).</summary>
    private static readonly ImmutableHashSet<string> OfTheAnswer = ["code", "state", "iss", "error", "error_description", "error_uri"];

    private readonly ImmutableHashSet<string> _schemes = [.. options.PrivateUseSchemes.Select(scheme => scheme.ToLowerInvariant())];

    /// <summary>How many a client may have.</summary>
    internal int MostOfClient => options.MostOfClient;

    /// <exception cref="ClientRefusedException">The URI may not be registered; the message says why.</exception>
    internal Uri Check(string? value)
    {
        if (value is not null && !RedirectUri.IsPlain(value))
        {
            throw Refused("A redirect URI has characters that no URI has (RFC 3986 §2): percent-encode them, and write a host in its xn-- form.");
        }

        if (value is null || value.Length > options.Longest || !Uri.TryCreate(value, UriKind.Absolute, out var uri)
            || uri.UserInfo.Length > 0 || value.Contains('#', StringComparison.Ordinal) || AsciiHost.Of(uri) is null)
        {
            throw Refused($"A redirect URI is not an absolute URI without fragment, user name and wildcard, of at most {options.Longest} characters.");
        }

        if (QueryHelpers.ParseQuery(uri.Query).Keys.FirstOrDefault(OfTheAnswer.Contains) is { } twice)
        {
            throw Refused($"A redirect URI has the parameter '{twice}' in its query, which an answer would bring a second time. Choose another name.");
        }

        return IsAllowed(uri)
            ? uri
            : throw Refused($"The redirect URI scheme '{uri.Scheme}' is not allowed here: use https, http on localhost, 127.0.0.1 or [::1], or a private-use scheme with a dot.");
    }

    private bool IsAllowed(Uri uri) => uri.Scheme switch
    {
        "https" => uri.Host.Length > 0,
        "http" => RedirectUri.IsOnLoopback(uri),
        _ => !RedirectUriOptions.NeverSchemes.Contains(uri.Scheme) && (uri.Scheme.Contains('.', StringComparison.Ordinal) || _schemes.Contains(uri.Scheme)),
    };

    private static ClientRefusedException Refused(string why) => new(why, RegistrationErrors.InvalidRedirectUri);
}
