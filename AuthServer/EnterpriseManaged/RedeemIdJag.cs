using McpAspire.AuthServer.Tokens;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.EnterpriseManaged;

/// <summary>
/// Begins the transaction of an ID-JAG, which has no row to redeem, where <see cref="RedeemOnce"/> begins it for others: up
/// to <see cref="CommitRedeemed"/>, and a client that hangs up can't cut it short.
/// </summary>
internal sealed class RedeemIdJag(Redeeming redeeming) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseScopedHandler<RedeemIdJag>()
            .SetOrder(RedeemOnce.Descriptor.Order + 100)
            .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.Transaction.GetProperty<IdJag>(typeof(IdJag).FullName!) is not null)
        {
            context.Transaction.CancellationToken = CancellationToken.None;
            await redeeming.BeginAsync();
        }
    }
}
