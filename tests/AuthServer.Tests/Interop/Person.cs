using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Interop;

/// <summary>Alice, who signs in and allows whatever she is asked, until the browser leaves the server or there is nothing more to press.</summary>
internal sealed class Person(string origin) : IDisposable
{
    private const int MostPages = 8;

    private readonly TestBrowser _browser = new(origin);

    internal async Task<Uri> GoAsync(Uri url)
    {
        var page = await _browser.GoAsync(url.AbsoluteUri);
        for (var pages = 0; pages < MostPages; pages++)
        {
            if (page.Html.Forms.Length == 0)
            {
                return page.Url;
            }

            page = page.Html.QuerySelector("input[name=password]") is not null
                ? await _browser.SubmitAsync(page, new() { ["username"] = "alice", ["password"] = "alice" })
                : await _browser.SubmitAsync(page, [], page.Html.QuerySelector("[data-testid=allow]") is not null ? ("decision", "allow") : null);
        }

        throw new InvalidOperationException($"The pages do not end: {page.Url} {page.Text}");
    }

    public void Dispose() => _browser.Dispose();
}
