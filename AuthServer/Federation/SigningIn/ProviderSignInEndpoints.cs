using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Linking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary><c>/sign-in/{key}</c>: sends the browser to the provider. It changes nothing here, so a link is enough.</summary>
internal static class ProviderSignInEndpoints
{
    internal static void Map(IEndpointRouteBuilder app) => app.MapGet($"{SignInEndpoints.Path}/{{key}}", StartAsync);

    private static async Task<IResult> StartAsync(
        string key, string? link, HttpContext context, [AsParameters] PendingRequest pending, [AsParameters] SignInWish wish,
        ProviderSet providers, ProviderDirectory directory, SignInFailure failure, LinkTicket tickets, CurrentSession current, TimeProvider time)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (providers.Find(key) is not { } provider)
        {
            return ProviderPages.Unknown(context);
        }

        var session = await current.FindAsync(context);
        var state = new SignInState(SignInIntent.SignIn, pending, wish, time.GetUtcNow(), session?.Id);
        if (link is not null)
        {
            if (session is null || tickets.Read(link) != new LinkRequest(session.Id, key))
            {
                return ProviderPages.Lost(context, provider);
            }

            state = state with { Intent = SignInIntent.Link };
        }

        try
        {
            if (provider.IsOpenId)
            {
                // So that a provider that is down shows a page of ours, not the browser's own error.
                await directory.MetadataOf(provider).GetFreshAsync(context.RequestAborted);
            }
        }
        catch (ProviderException exception)
        {
            return failure.Sort(context, provider, state, null, exception);
        }

        return Results.Challenge(state.ToProperties(), [provider.Scheme]);
    }
}
