using System.Collections.Specialized;
using System.Web;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace McpAspire.Bench;

/// <summary>
/// Just enough of a browser to sign alice in and allow: .NET's own cookies leave Secure ones out over http://localhost,
/// where browsers send them.
/// </summary>
internal sealed class SmallBrowser : IDisposable
{
    private const int MostHops = 20;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);

    /// <summary>The query of the URL where the browser leaves for the client.</summary>
    internal async Task<NameValueCollection> GoAsync(Uri start)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, start);
        for (var hop = 0; hop < MostHops; hop++)
        {
            var url = request.RequestUri!;
            if (url.Authority != start.Authority)
            {
                return HttpUtility.ParseQueryString(url.Query);
            }

            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            using var answer = await _http.SendAsync(request);
            request.Dispose();
            Keep(answer);
            request = answer.Headers.Location is { } location
                ? new HttpRequestMessage(HttpMethod.Get, new Uri(url, location))
                : Next(url, new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync()));
        }

        throw new InvalidOperationException("The pages do not end.");
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Next(Uri url, IHtmlDocument page)
    {
        if (page.QuerySelector("meta[http-equiv=refresh]")?.GetAttribute("content") is { } refresh)
        {
            return new HttpRequestMessage(HttpMethod.Get, new Uri(url, refresh[(refresh.IndexOf("url=", StringComparison.Ordinal) + 4)..]));
        }

        if (page.Forms.Length == 0)
        {
            throw new InvalidOperationException($"{url.AbsolutePath} leads nowhere: {page.Body?.TextContent}");
        }

        var form = page.Forms[0];
        var fields = form.Elements.OfType<IHtmlInputElement>()
            .Where(input => !string.IsNullOrEmpty(input.Name) && !input.IsDisabled && (input.Type != "checkbox" || input.IsChecked))
            .Select(input => KeyValuePair.Create(input.Name!, input.Name is "username" or "password" ? "alice" : input.Value))
            .Append(KeyValuePair.Create("decision", "allow"));
        return new HttpRequestMessage(HttpMethod.Post, new Uri(url, form.GetAttribute("action")))
        {
            Content = new FormUrlEncodedContent(fields),
            Headers = { { "Origin", url.GetLeftPart(UriPartial.Authority) } },
        };
    }

    private void Keep(HttpResponseMessage answer)
    {
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [])
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            _cookies[pair[0]] = pair[1];
        }
    }
}
