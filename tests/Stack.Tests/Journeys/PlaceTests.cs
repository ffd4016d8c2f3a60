using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Xunit;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>The same journey where services are reached in another way than http://localhost.</summary>
public sealed class PlaceTests(Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_https()
    {
        browser.SkipWithoutOne();
        DeveloperCertificate.SkipWithoutTrustedOne();
        await JourneyAsync("https", new StackOptions { Profile = "https", Environment = DeveloperCertificate.Environment });
    }

    /// <summary>All ports of localhost are one site to a browser; 127.0.0.1 is another, so a wrong SameSite shows.</summary>
    [Fact]
    public Task With_ClientWeb_on_another_site() =>
        JourneyAsync("other-site", new StackOptions { Hosts = new Dictionary<string, string> { ["clientweb"] = "127.0.0.1" } });

    private async Task JourneyAsync(string name, StackOptions options)
    {
        browser.SkipWithoutOne();
        await using var stack = await RunningStack.StartAsync(options, Cancel);
        await using var window = await browser.OpenAsync(name);
        await WholeJourney.RunAsync(window, stack, Cancel);
    }
}
