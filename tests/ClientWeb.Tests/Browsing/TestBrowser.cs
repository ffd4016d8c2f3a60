using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Browsing;

/// <summary>
/// As much of a browser as signing in takes: cookies of one host (they ignore ports), redirects, refreshing pages,
/// forms. It keeps all that it saw.
/// </summary>
internal sealed class TestBrowser(string home) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly HtmlParser _parser = new();

    public Dictionary<string, string> Cookies { get; } = [];

    /// <summary>The attributes of each cookie as it was set last.</summary>
    public Dictionary<string, string> SetCookies { get; } = [];

    public Uri Address { get; private set; } = new(home);

    public HttpStatusCode Status { get; private set; }

    public string Html { get; private set; } = "";

    public IHtmlDocument Document => _parser.ParseDocument(Html);

    public string Text => Document.Body?.TextContent ?? "";

    /// <summary>Bodies and addresses of everything that it got.</summary>
    public List<string> Seen { get; } = [];

    /// <summary>Stops before it goes to an address with this text in it.</summary>
    public string? StopBefore { get; set; }

    public Uri? StoppedBefore { get; private set; }

    public Task OpenAsync(string address) => GoAsync(HttpMethod.Get, new Uri(Address, address), null);

    public Task SubmitAsync(string action, Dictionary<string, string>? changes = null)
    {
        var form = Assert.Single(Document.Forms, form => form.GetAttribute("action") == action);
        var fields = form.QuerySelectorAll("input[name]").Cast<IHtmlInputElement>().ToDictionary(input => input.Name!, input => input.Value);
        foreach (var (name, value) in changes ?? [])
        {
            fields[name] = value;
        }

        return GoAsync(HttpMethod.Post, new Uri(Address, action), new FormUrlEncodedContent(fields));
    }

    public void Dispose() => _http.Dispose();

    private async Task GoAsync(HttpMethod method, Uri address, HttpContent? content)
    {
        for (var hops = 0; ; hops++)
        {
            Assert.True(hops < 12, "Too many redirects.");
            if (StopBefore is not null && address.AbsoluteUri.Contains(StopBefore, StringComparison.Ordinal))
            {
                StoppedBefore = address;
                return;
            }

            using var request = new HttpRequestMessage(method, address) { Content = content };
            request.Headers.Add("Accept", "text/html");
            if (Cookies.Count > 0)
            {
                request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            }

            if (method == HttpMethod.Post)
            {
                request.Headers.Add("Origin", new Uri(home).GetLeftPart(UriPartial.Authority));
            }

            using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            await TakeAsync(response, address);
            if (NextAddress(response) is not { } next)
            {
                return;
            }

            (method, address, content) = (HttpMethod.Get, new Uri(address, next), null);
        }
    }

    private async Task TakeAsync(HttpResponseMessage response, Uri address)
    {
        (Address, Status) = (address, response.StatusCode);
        Html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Seen.Add(Html);
        foreach (var line in response.Headers.TryGetValues("Set-Cookie", out var lines) ? lines : [])
        {
            var pair = line.Split(';', 2);
            var name = pair[0].Split('=', 2)[0];
            var value = pair[0].Split('=', 2)[1];
            SetCookies[name] = line;
            if (value.Length == 0)
            {
                Cookies.Remove(name);
            }
            else
            {
                Cookies[name] = value;
            }
        }
    }

    private string? NextAddress(HttpResponseMessage response)
    {
        if (response.Headers.Location is { } location)
        {
            return location.OriginalString;
        }

        return response.Content.Headers.ContentType?.MediaType == "text/html"
            ? Document.QuerySelector("meta[http-equiv=refresh]")?.GetAttribute("content")?.Split("url=", 2)[1]
            : null;
    }
}
