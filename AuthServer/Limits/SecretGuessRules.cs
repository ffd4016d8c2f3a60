using McpAspire.AuthServer.Clients;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Limits;

/// <summary>Where a door is closed, no secret is looked at, at any endpoint that takes one: 429 with Retry-After.</summary>
internal sealed class ClosedDoor(SecretGuesses guesses) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ProcessAuthenticationContext, ClosedDoor>(FindClient.Descriptor.Order - 100);

    public ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.ClientId is { } clientId && context.ClientSecret is not null && guesses.Wait(clientId) is { } wait)
        {
            TooManyRequests.Reject(context, wait, "Too many wrong secrets of this client came from this network. Wait a minute, and check the client's secret.");
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Counts the secrets that were wrong.</summary>
internal sealed class CountWrongSecrets(SecretGuesses guesses) : IOpenIddictServerHandler<ProcessErrorContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ProcessErrorContext, CountWrongSecrets>(OpenIddictServerHandlers.AttachErrorParameters.Descriptor.Order + 400);

    public async ValueTask HandleAsync(ProcessErrorContext context)
    {
        if (context.Error == Errors.InvalidClient && context.Request is { ClientId: { } clientId, ClientSecret: not null })
        {
            await guesses.CountAsync(clientId);
        }
    }
}
