using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary><c>/sign-in/{key}</c>: sends the browser to the provider. It changes nothing here, so a link is enough.</summary>
internal static class ProviderSignInEndpoints
{
    internal static void Map(IEndpointRouteBuilder app) => app.MapGet($"{SignInEndpoints.Path}/{{key}}", StartAsync);

    private static async Task<IResult> StartAsync(
        string key, HttpContext context, [AsParameters] PendingRequest pending, [AsParameters] SignInWish wish,
        ProviderSet providers, WayToProvider way, CurrentSession current, TimeProvider time)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (providers.Find(key) is not { } provider)
        {
            return ProviderPages.Unknown(context);
        }

        var session = await current.FindAsync(context);
        return await way.LeaveAsync(
            context, provider, new SignInState(SignInIntent.SignIn, pending, wish, time.GetUtcNow(), session is null ? null : SessionStamp.Of(session)));
    }
}
