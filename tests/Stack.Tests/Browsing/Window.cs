using System.Text.RegularExpressions;
using McpAspire.Stack.Tests.Running;
using Microsoft.Playwright;
using Xunit;

namespace McpAspire.Stack.Tests.Browsing;

/// <summary>A browser window with cookies of its own, that notes what a person would not see: console errors, and secrets in pages.</summary>
internal sealed class Window : IAsyncDisposable
{
    /// <summary>A JWT begins with {"… in base64url, up to a dot. Without the dot a random value may look so by chance.</summary>
    internal static readonly Regex Token = new(@"eyJ[\w-]+\.[\w-]");

    private readonly string _name;
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];
    private readonly List<string> _urls = [];
    private int _screenshots;
    private bool _isTab;

    internal Window(string name, IBrowserContext context, IPage page)
    {
        _name = name;
        _context = context;
        Page = page;
        Page.SetDefaultTimeout(20_000);
        Page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _complaints.Add(message.Text);
            }
        };
        Page.Request += (_, request) => _urls.Add(request.Url);
    }

    internal IPage Page { get; }

    /// <summary>Every URL that the window asked for.</summary>
    internal IReadOnlyList<string> Urls => _urls;

    /// <summary>A second tab, with the same cookies; closing it leaves the first one open.</summary>
    internal async Task<Window> AnotherPageAsync() => new($"{_name}-second-tab", _context, await _context.NewPageAsync()) { _isTab = true };

    /// <summary>The cookies of all services.</summary>
    internal async Task<IReadOnlyList<BrowserContextCookiesResult>> CookiesAsync() => await _context.CookiesAsync();

    /// <summary>
    /// Keeps a picture of the page, in light and dark, as a test artifact; and looks where tokens must never be: in the
    /// page, and in every URL so far.
    /// </summary>
    internal async Task ScreenshotAsync(string what)
    {
        if (IsOurs(Page.Url))
        {
            Assert.DoesNotMatch(Token, await Page.ContentAsync());
        }

        Assert.DoesNotContain(_urls.Where(IsOurs), Token.IsMatch);
        Directory.CreateDirectory(Places.Screenshots);
        _screenshots++;
        await ShootAsync(ColorScheme.Light, $"{_name}-{_screenshots:00}-{what}.png");
        await ShootAsync(ColorScheme.Dark, $"{_name}-{_screenshots:00}-{what}-dark.png");
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
    }

    /// <summary>Fails if a page broke a rule of its own Content-Security-Policy.</summary>
    internal void AssertNoPolicyViolations() =>
        Assert.DoesNotContain(_complaints, text => text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase));

    public async ValueTask DisposeAsync()
    {
        if (_isTab)
        {
            await Page.CloseAsync();
            return;
        }

        await _context.DisposeAsync();
    }

    // Keycloak's own pages pass parameters of its own in base64url.
    private static bool IsOurs(string url) => !new Uri(url).AbsolutePath.StartsWith("/realms/", StringComparison.Ordinal);

    private async Task ShootAsync(ColorScheme scheme, string file)
    {
        await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await Page.ScreenshotAsync(new() { Path = Path.Combine(Places.Screenshots, file), FullPage = true });
    }
}
