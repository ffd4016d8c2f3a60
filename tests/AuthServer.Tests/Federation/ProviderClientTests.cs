using System.Diagnostics;
using System.Net;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>How we ask a provider: who we say we are, and how long we wait.</summary>
public sealed class ProviderClientTests
{
    [Theory]
    [InlineData("client_secret_post")]
    [InlineData("client_secret_basic")]
    public async Task A_secret_is_sent_the_one_way_that_is_set(string method)
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: [
            ("SignIn:Providers:liar:ClientSecret", "a:b c%"), ("SignIn:Providers:liar:ClientAuthentication", method)]);
        using var browser = stack.Flow().Browser;
        Assert.Contains("Upstream Alice", (await browser.GoAsync("/sign-in")).Text);

        var sent = stack.Provider.TokenRequests.Single();
        Assert.DoesNotContain("client_assertion", sent.Keys);
        // RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
        var basic = "Basic " + Convert.ToBase64String("the-client:a%3Ab%20c%25"u8);
        Assert.Equal(method == "client_secret_basic" ? (basic, null) : ("", "a:b c%"), (stack.Provider.TokenAuthorization, sent.GetValueOrDefault("client_secret")));
    }

    [Theory]
    [InlineData("discovery")]
    [InlineData("token")]
    public async Task A_provider_that_hangs_gets_a_page_with_a_way_on_within_ten_seconds(string where)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        using var over = new CancellationTokenSource();
        async Task HangAsync(Microsoft.AspNetCore.Http.HttpContext context)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, context.RequestAborted);
            await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        if (where == "discovery")
        {
            stack.Provider.AtDiscovery = HangAsync;
        }
        else
        {
            stack.Provider.AtToken = async context =>
            {
                await HangAsync(context);
                return true;
            };
        }

        var waited = Stopwatch.StartNew();
        var page = await stack.Flow().AuthorizeAsync();
        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(12), $"It took {waited.Elapsed}.");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.Equal("Try again", page.Html.QuerySelector("[data-testid=way]")?.TextContent);
        await over.CancelAsync();
    }
}
