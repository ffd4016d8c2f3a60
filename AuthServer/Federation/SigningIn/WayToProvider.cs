using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>Sends the browser to a provider.</summary>
internal sealed class WayToProvider(ProviderDirectory directory, SignInFailure failure)
{
    internal async Task<IResult> LeaveAsync(HttpContext context, Provider provider, SignInState state)
    {
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
