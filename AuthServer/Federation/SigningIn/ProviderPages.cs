using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>What a person sees where a sign-in at a provider does not work, and the ways on.</summary>
internal static class ProviderPages
{
    internal static IResult Unreachable(HttpContext context, Provider provider, PendingRequest pending, SignInWish wish)
    {
        context.Response.Headers.RetryAfter = "10";
        return Page(
            context, $"{provider.Name} can't be reached now",
            $"You sign in with {provider.Name}, which does not answer just now. Nothing is lost. "
            + "Try again in a moment; if you are signed in to an application already, go on there.",
            null, StatusCodes.Status503ServiceUnavailable, Ways(context, provider, pending, wish));
    }

    internal static IResult Misconfigured(HttpContext context, Provider provider, PendingRequest pending, SignInWish wish) => Page(
        context, $"Signing in with {provider.Name} does not work now",
        $"This service and {provider.Name} do not understand each other. You can't mend that: tell the people who run this service; their log says what to check.",
        null, StatusCodes.Status502BadGateway, Ways(context, provider, pending, wish));

    internal static IResult Refused(HttpContext context, Provider provider, SignInState state, string error) => Page(
        context, error == "access_denied" ? "You did not sign in" : $"{provider.Name} did not sign you in",
        error == "access_denied"
            ? $"{provider.Name} says that you did not allow it, or may not use this service. You can try again."
            : $"{provider.Name} answered with an error. Try again; if it fails again, tell the people who run this service.",
        error, StatusCodes.Status400BadRequest, Ways(context, provider, state.Pending, state.Wish));

    internal static IResult NotFresh(HttpContext context, Provider provider, SignInState state) => Page(
        context, "You must sign in anew",
        $"This takes a new proof of who you are, and {provider.Name} did not say that you gave one. "
        + (provider.IsOpenId
            ? "Try again, so that it asks you. If it still does not, sign out there first."
            : "It can't. Sign in another way; if there is none and an application asked for it, tell the people who run that."),
        null, StatusCodes.Status400BadRequest,
        // Asks a provider that does not know max_age in a way that it may know.
        Ways(context, provider, state.Pending, state.Wish.WithLogin));

    internal static IResult Lost(HttpContext context, Provider provider) => Page(
        context, "This sign-in could not be finished",
        "It took too long, was finished already, or began in another browser. Go back to the application and start again.",
        null, StatusCodes.Status400BadRequest, [new PageLink(provider.SignInPath, "Sign in again")]);

    internal static IResult Untrustworthy(HttpContext context, Provider provider, SignInState state) => Page(
        context, $"The answer of {provider.Name} was not taken",
        "Something in it was not right, so you are not signed in. Try again; if it fails again, tell the people who run this service.",
        null, StatusCodes.Status400BadRequest, Ways(context, provider, state.Pending, state.Wish));

    internal static IResult EndedMeanwhile(HttpContext context, Provider provider, SignInState state) => Page(
        context, "You were signed out meanwhile",
        $"{provider.Name} ended your session there while you were signing in here, so you are not signed in. You can sign in anew.",
        null, StatusCodes.Status400BadRequest,
        // Else a session there that does not end would sign them in again and again.
        Ways(context, provider, state.Pending, state.Wish.WithLogin));

    internal static IResult AccountDisabled(HttpContext context) => Page(
        context, "Your account is disabled",
        "The people who run this service disabled it. Ask them; signing in again does not help.",
        null, StatusCodes.Status403Forbidden, []);

    internal static IResult LinkedToAnother(HttpContext context, Provider provider) => Page(
        context, $"This {provider.Name} account belongs to someone else here",
        $"It is linked to another account of this service, so nothing was changed. "
        + $"Sign out at {provider.Name} and link another one, or sign in here with {provider.Name} to use that account.",
        null, StatusCodes.Status409Conflict, [new PageLink(PendingRequest.AccountPath, "Back to your account")]);

    internal static IResult Unknown(HttpContext context) => Page(
        context, "There is no such way to sign in", "The address names a provider that is not set up here.", null, StatusCodes.Status404NotFound,
        [new PageLink(SignInEndpoints.Path, "Sign in")]);

    private static List<PageLink> Ways(HttpContext context, Provider provider, PendingRequest pending, SignInWish wish)
    {
        var ways = new List<PageLink> { new(wish.UrlOf(provider.SignInPath, pending), "Try again") };
        if (context.RequestServices.GetRequiredService<ProviderSet>().Only is null)
        {
            ways.Add(new(wish.UrlOf(SignInEndpoints.Path, pending), "Sign in another way"));
        }

        return ways;
    }

    private static IResult Page(HttpContext context, string title, string advice, string? detail, int status, IReadOnlyList<PageLink> ways) =>
        PageResult.Error(context, title, advice, detail, status, ways);
}
