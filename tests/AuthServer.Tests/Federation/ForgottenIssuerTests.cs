using System.Net;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>A provider that runs, but no longer has our issuer: its realm was deleted.</summary>
public sealed class ForgottenIssuerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sign_in_gets_a_page_the_log_says_what_to_check_and_it_works_again_once_it_is_back(bool wasKnown)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        if (wasKnown)
        {
            using var before = stack.Flow().Browser;
            await before.GoAsync("/sign-in");
            stack.Server.Time.Advance(TimeSpan.FromSeconds(3));
        }

        stack.Provider.IsForgotten = true;
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadGateway, page.Status);
        Assert.Contains("Signing in with The liar does not work now", page.Text);
        Assert.Contains(
            stack.Server.Logs.Lines,
            line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("answered 404") && line.Contains("'SignIn:Providers:liar:Issuer'"));

        stack.Provider.IsForgotten = false;
        stack.Server.Time.Advance(TimeSpan.FromSeconds(3));
        page = await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=way]")!.GetAttribute("href")!);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
    }
}
