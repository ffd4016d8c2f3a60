using System.Globalization;
using McpAspire.AuthServer.Authorize;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.SignIn;

/// <summary>
/// How an application wants the person to sign in (OpenID Connect Core §3.1.2.1). It stands in the URLs of the sign-in
/// pages as it came. The authorization endpoint judges by the request itself whether it was kept, and a sign-in that asked
/// for nothing proves nothing new, so whoever cuts it away is sent back to sign in.
/// </summary>
/// <param name="Prompt"><c>login</c>, or null.</param>
/// <param name="MaxAge">Seconds, or null.</param>
/// <param name="LoginHint">Who should sign in, or null.</param>
public sealed record SignInWish(
    [FromQuery(Name = "prompt")] string? Prompt,
    [FromQuery(Name = "max_age")] string? MaxAge,
    [FromQuery(Name = "login_hint")] string? LoginHint)
{
    private const int LongestHint = 256;

    internal static readonly SignInWish None = new(null, null, null);

    /// <summary>A sign-in where somebody may be signed in already.</summary>
    internal static readonly SignInWish Anew = new(OpenIddictConstants.PromptValues.Login, null, null);

    /// <summary>True where a person who is signed in may have to sign in again.</summary>
    internal bool MayBeAgain => AsksForLogin || MaxAgeSeconds is not null;

    internal bool AsksForLogin => Prompt == OpenIddictConstants.PromptValues.Login;

    /// <summary>The same, and the person must sign in anew.</summary>
    internal SignInWish WithLogin => this with { Prompt = OpenIddictConstants.PromptValues.Login };

    /// <summary>Seconds, or null where none or nonsense was given.</summary>
    internal long? MaxAgeSeconds => long.TryParse(MaxAge, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    internal string? ShownHint => LoginHint is { Length: > 0 and <= LongestHint } ? LoginHint : null;

    internal static SignInWish Of(OpenIddictRequest request) => new(
        AsksForLoginIn(request) ? OpenIddictConstants.PromptValues.Login : null,
        request.MaxAge?.ToString(CultureInfo.InvariantCulture),
        request.LoginHint);

    /// <summary>
    /// <c>login</c>, and <c>select_account</c> too: whoever signs in anew chooses as whom, at a provider as well, and nothing
    /// less makes every provider let them choose.
    /// </summary>
    internal static bool AsksForLoginIn(OpenIddictRequest request) =>
        request.HasPromptValue(OpenIddictConstants.PromptValues.Login) || request.HasPromptValue(OpenIddictConstants.PromptValues.SelectAccount);

    /// <summary>A path of the sign-in, with the request that waits and this wish.</summary>
    internal string UrlOf(string path, PendingRequest pending)
    {
        var query = new QueryBuilder();
        Add(query, "client_id", pending.ClientId);
        Add(query, "request_uri", pending.RequestUri);
        Add(query, "prompt", AsksForLogin ? Prompt : null);
        Add(query, "max_age", MaxAgeSeconds?.ToString(CultureInfo.InvariantCulture));
        Add(query, "login_hint", ShownHint);
        return path + query;
    }

    private static void Add(QueryBuilder query, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            query.Add(name, value);
        }
    }
}
