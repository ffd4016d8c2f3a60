using System.Net;
using System.Text.RegularExpressions;

namespace McpAspire.TestKit;

/// <summary>
/// A browser in front of Keycloak's own login page, without the browser: it keeps cookies, posts the form and stops at
/// the first redirect that leaves Keycloak.
/// </summary>
public sealed partial class KeycloakLoginPage : IDisposable
{
    // Keycloak's cookies are Secure, which browsers send to http on localhost, and HttpClient does not.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly Dictionary<string, string> _cookies = [];

    /// <summary>Opens an authorization URL; where there is no session yet, signs in on the page that it leads to.</summary>
    /// <param name="authorizationUrl">A URL of the realm's authorization endpoint.</param>
    /// <param name="userName">The user's name.</param>
    /// <param name="password">The password.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The URL of the client to which Keycloak redirects.</returns>
    /// <exception cref="InvalidOperationException">Keycloak shows a page instead; the message quotes what it says.</exception>
    public async Task<Uri> SignInAsync(Uri authorizationUrl, string userName, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(authorizationUrl);
        var (redirect, page) = await FollowAsync(new HttpRequestMessage(HttpMethod.Get, authorizationUrl), authorizationUrl, cancellationToken);
        if (redirect is not null)
        {
            return redirect;
        }

        if (FormAction().Match(page) is not { Success: true } form)
        {
            throw new InvalidOperationException($"Keycloak shows no login form: {TextOf(page)}");
        }

        var post = new HttpRequestMessage(HttpMethod.Post, WebUtility.HtmlDecode(form.Groups[1].Value))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = userName, ["password"] = password }),
        };
        (redirect, page) = await FollowAsync(post, authorizationUrl, cancellationToken);
        return redirect ?? throw new InvalidOperationException($"Keycloak did not sign in: {TextOf(page)}");
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<(Uri? Redirect, string Page)> FollowAsync(HttpRequestMessage request, Uri keycloak, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var sent = request;
            if (_cookies.Count > 0)
            {
                sent.Headers.Add("Cookie", string.Join("; ", _cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}")));
            }

            using var response = await _http.SendAsync(sent, cancellationToken);
            Keep(response);
            if (response.Headers.Location is not { } location)
            {
                return (null, await response.Content.ReadAsStringAsync(cancellationToken));
            }

            var next = new Uri(sent.RequestUri!, location);
            if (next.Authority != keycloak.Authority)
            {
                return (next, "");
            }

            request = new HttpRequestMessage(HttpMethod.Get, next);
        }
    }

    private void Keep(HttpResponseMessage response)
    {
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var values) ? values : [])
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            _cookies[pair[0]] = pair[1];
        }
    }

    private static string TextOf(string page) => Blanks().Replace(WebUtility.HtmlDecode(Tags().Replace(page, " ")), " ").Trim();

    [GeneratedRegex("""<form[^>]*id="kc-form-login"[^>]*action="([^"]+)""")]
    private static partial Regex FormAction();

    [GeneratedRegex("<script.*?</script>|<style.*?</style>|<[^>]+>", RegexOptions.Singleline)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
