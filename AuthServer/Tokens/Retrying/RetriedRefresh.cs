using McpAspire.AuthServer.Tokens.Redemption;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Retrying;

/// <summary>
/// A refresh whose token was redeemed just before: nothing is asked or redeemed for it, it is judged by
/// <see cref="SameAnswer"/> once its client and what it asks for are known.
/// </summary>
internal sealed class RetriedRefresh(SameAnswer same) : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    private const string Mark = "retried refresh";

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<HandleTokenRequestContext, RetriedRefresh>(AskUpstream.Descriptor.Order - 100);

    internal static void Set(OpenIddictServerTransaction transaction) => transaction.SetProperty(Mark, Mark);

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (context.Transaction.GetProperty<string>(Mark) is not null)
        {
            await same.GiveAsync(context, context.ClientId, context.RefreshTokenPrincipal!);
        }
    }
}

/// <summary>Keeps the answer to a refresh, after the commit and before it is sent, so that it can be given again.</summary>
internal sealed class KeepAnswer(RefreshAnswers answers) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, KeepAnswer>(CommitRedeemed.Descriptor.Order + 250);

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Token && context.Request.IsRefreshTokenGrantType())
        {
            await answers.KeepAsync(
                context.Request.RefreshToken!,
                new RefreshAnswer(context.ClientId!, SameAnswer.ScopesOf(context.Request, context.Principal!), context.Response));
        }
    }
}
