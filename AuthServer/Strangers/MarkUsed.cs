using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Strangers;

/// <summary>A client that nobody configured is used when a person allowed it or it gets tokens. Written down once a day.</summary>
internal sealed class MarkUsed(IOpenIddictApplicationManager clients, AuthDbContext database, TimeProvider time) : IOpenIddictServerHandler<ProcessSignInContext>
{
    private static readonly TimeSpan Precision = TimeSpan.FromDays(1);

    /// <summary>Once it is decided which tokens are made.</summary>
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, MarkUsed>(OpenIddictServerHandlers.EvaluateGeneratedTokens.Descriptor.Order + 750);

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        // A request that is only stored, before anybody saw it, is no use.
        var clientId = context.ClientId ?? context.Request.ClientId;
        if (clientId is null || !(context.GenerateAuthorizationCode || context.GenerateAccessToken)
            || await clients.FindByClientIdAsync(clientId, context.CancellationToken) is not { } client
            || (await ClientProfile.OfAsync(clients, client, context.CancellationToken)).Source == ClientSource.Configured)
        {
            return;
        }

        var now = time.GetUtcNow();
        var stale = now - Precision;
        var due = database.StrangerClients.Where(row => row.ClientId == clientId && (row.LastUsedAt == null || row.LastUsedAt < stale));
        if (await due.AnyAsync(context.CancellationToken))
        {
            await due.ExecuteUpdateAsync(row => row.SetProperty(stranger => stranger.LastUsedAt, now), context.CancellationToken);
        }
    }
}
