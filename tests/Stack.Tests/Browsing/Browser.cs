using McpAspire.Stack.Tests.Browsing;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Browser))]

namespace McpAspire.Stack.Tests.Browsing;

/// <summary>One Chromium for all tests; each test opens a window of its own, with its own cookies.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _whyNot;

    public async ValueTask InitializeAsync()
    {
        var found = ChromiumFinder.Find();
        _whyNot = found.WhyNot;
        if (_whyNot is null)
        {
            _playwright = await Playwright.CreateAsync();
            // A stack of five processes beside a browser can be slow on a small machine.
            Assertions.SetDefaultExpectTimeout(30_000);
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = found.Path, Args = Arguments });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    internal bool IsThere => _browser is not null;

    /// <summary>Skips the test, with the reason, where no browser is to be had.</summary>
    internal void SkipWithoutOne() => Assert.SkipWhen(_browser is null, _whyNot ?? "");

    /// <summary>Opens a window.</summary>
    internal async Task<Window> OpenAsync(string name)
    {
        SkipWithoutOne();
        var context = await _browser!.NewContextAsync(new()
        {
            // The developer certificate is trusted by the services; whether this browser knows it is not what is tested.
            IgnoreHTTPSErrors = true,
            ViewportSize = new() { Width = 1100, Height = 800 },
            ColorScheme = ColorScheme.Light,
        });
        return new Window(name, context, await context.NewPageAsync());
    }
}
