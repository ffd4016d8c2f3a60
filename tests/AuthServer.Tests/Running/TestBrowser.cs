using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>
/// A small browser: keeps cookies (Secure ones too over http://localhost, as browsers do), follows redirects and pages
/// that go on by themselves, and stops where it would leave the server and the other places it may visit. A form that
/// another place posts to the server brings only the cookies that are <c>SameSite=None</c>, as it does from another site.
/// </summary>
internal sealed class TestBrowser(string origin, SocketsHttpHandler? handler = null) : IDisposable
{
    private const int MostHops = 15;

    private readonly HttpClient _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(origin) };

    internal Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Origins besides the server's that it goes to, such as an identity provider's.</summary>
    internal HashSet<string> Visits { get; } = new(StringComparer.Ordinal);

    /// <summary>Every URL that it asked for, in turn.</summary>
    internal List<Uri> History { get; } = [];

    /// <summary>The cookies of the other places.</summary>
    private Dictionary<string, string> ForeignCookies { get; } = new(StringComparer.Ordinal);

    /// <summary>The names of the server's cookies that go with forms of other sites.</summary>
    private HashSet<string> CrossSite { get; } = new(StringComparer.Ordinal);

    /// <summary>The origin that forms are sent with, where it is not the server's.</summary>
    internal string? Origin { get; set; }

    /// <summary>Another browser with the same cookies: a thief's, or another tab whose requests left before the next answer came.</summary>
    internal TestBrowser Copy()
    {
        var copy = new TestBrowser(origin, handler);
        foreach (var (name, value) in Cookies)
        {
            copy.Cookies[name] = value;
        }

        copy.Visits.UnionWith(Visits);
        return copy;
    }

    internal async Task<Page> GoAsync(string url) => await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, url));

    /// <summary>Submits the page's first form, or the one that is given, with changes to its fields, pressing a button if one is named.</summary>
    internal async Task<Page> SubmitAsync(
        Page page, Dictionary<string, string?> fields, (string Name, string Value)? button = null, IHtmlFormElement? which = null)
    {
        var form = which ?? page.Html.Forms[0];
        var values = form.Elements.OfType<IHtmlInputElement>()
            .Where(input => !string.IsNullOrEmpty(input.Name) && !input.IsDisabled && (input.Type != "checkbox" || input.IsChecked))
            .Where(input => !fields.ContainsKey(input.Type == "checkbox" ? input.Value : input.Name!))
            .Select(input => KeyValuePair.Create(input.Name!, input.Value))
            .ToList();
        values.AddRange(fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, field.Value!)));
        if (button is var (name, value))
        {
            values.Add(KeyValuePair.Create(name, value));
        }

        return await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, new Uri(page.Url, form.GetAttribute("action")))
        {
            Content = new FormUrlEncodedContent(values),
            Headers = { { "Origin", Origin ?? page.Url.GetLeftPart(UriPartial.Authority) } },
        }, isFormOfAnotherSite: !IsHome(page.Url));
    }

    public void Dispose() => _http.Dispose();

    private async Task<Page> SendAsync(Func<HttpRequestMessage> first, bool isFormOfAnotherSite = false)
    {
        var request = first();
        for (var hop = 0; hop < MostHops; hop++)
        {
            var url = request.RequestUri = new Uri(new Uri(origin), request.RequestUri!);
            var jar = IsHome(url) ? Cookies : ForeignCookies;
            History.Add(url);
            var sent = jar.Where(cookie => jar != Cookies || !isFormOfAnotherSite || request.Method != HttpMethod.Post || CrossSite.Contains(cookie.Key)).ToArray();
            if (sent.Length > 0)
            {
                request.Headers.Add("Cookie", string.Join("; ", sent.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            }

            using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            Keep(response, jar);
            if (response.Headers.Location is { } location)
            {
                var target = new Uri(url, location);
                if (!IsHome(target) && !Visits.Contains(target.GetLeftPart(UriPartial.Authority)))
                {
                    return new Page(response.StatusCode, target, new HtmlParser().ParseDocument(""), response);
                }

                request = new HttpRequestMessage(HttpMethod.Get, target);
                continue;
            }

            var html = new HtmlParser().ParseDocument(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            if (html.QuerySelector("meta[http-equiv=refresh]")?.GetAttribute("content") is { } refresh)
            {
                request = new HttpRequestMessage(HttpMethod.Get, refresh[(refresh.IndexOf("url=", StringComparison.Ordinal) + 4)..]);
                continue;
            }

            return new Page(response.StatusCode, url, html, response);
        }

        throw new InvalidOperationException("Too many redirects.");
    }

    private bool IsHome(Uri url) => url.GetLeftPart(UriPartial.Authority) == origin;

    private void Keep(HttpResponseMessage response, Dictionary<string, string> jar)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            return;
        }

        foreach (var cookie in cookies)
        {
            if (jar == Cookies)
            {
                Assert.StartsWith("__Host-authserver-", cookie);
                Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
                Assert.Contains("; path=/;", cookie + ";", StringComparison.OrdinalIgnoreCase);
            }

            var pair = cookie.Split(';')[0].Split('=', 2);
            if (cookie.Contains("; samesite=none", StringComparison.OrdinalIgnoreCase))
            {
                CrossSite.Add(pair[0]);
            }

            if (pair[1].Length == 0)
            {
                jar.Remove(pair[0]);
            }
            else
            {
                jar[pair[0]] = pair[1];
            }
        }
    }
}

/// <summary>Where the browser is: a page of the server, or a URL elsewhere that it was sent to.</summary>
internal sealed record Page(HttpStatusCode Status, Uri Url, IHtmlDocument Html, HttpResponseMessage Response)
{
    internal string Title => Html.Title ?? "";

    internal string Text => Html.Body?.TextContent ?? "";

    internal string? Query(string name) => System.Web.HttpUtility.ParseQueryString(Url.Query)[name];
}
