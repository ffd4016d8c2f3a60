using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.SignOut;
using Microsoft.AspNetCore.Authentication;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>The end of a way to a provider and back: the person is who the provider says, and what they went for is done.</summary>
internal sealed class CompleteSignIn(
    FederatedAccounts accounts, OfflineTokens offlineTokens, UpstreamTokenProtection protection, CurrentSession current, Sessions sessions,
    SignInFailure failure, UnneededTokens unneeded, PendingNotices notices, TimeProvider time, AuditLog audit)
{
    internal static async Task RunAsync(HttpContext context, Provider provider, AuthenticationProperties properties)
    {
        var complete = context.RequestServices.GetRequiredService<CompleteSignIn>();
        var state = SignInState.From(properties) ?? throw new InvalidOperationException("The sign-in carries no state of ours.");
        var identity = SignInState.Kept(properties) ?? throw new InvalidOperationException("The sign-in has no identity.");
        var result = state.Intent switch
        {
            SignInIntent.Link => await complete.LinkAsync(context, provider, state, identity),
            SignInIntent.Offline => await complete.KeepOfflineTokenAsync(context, provider, state, identity),
            _ => await complete.SignInAsync(context, provider, state, identity),
        };
        await result.ExecuteAsync(context);
    }

    private async Task<IResult> SignInAsync(HttpContext context, Provider provider, SignInState state, UpstreamIdentity identity)
    {
        var now = time.GetUtcNow();
        var provedAt = AskedAgain.At(provider, state, identity, now);
        if (!AskedAgain.IsAsWished(state, provedAt, now))
        {
            return failure.Sort(
                context, provider, state, null, new ProviderException(ProviderFault.NotFresh, $"{provider.Name} was asked to let the person sign in anew, and did not."));
        }

        var account = await accounts.SignInAsync(provider, identity, context.RequestAborted);
        if (account.DisabledAt is not null)
        {
            audit.SignInRefused("the account is disabled", account.Id);
            await ThrowAwayAsync(provider, identity, context.RequestAborted);
            return ProviderPages.AccountDisabled(context);
        }

        var upstream = new UpstreamSession
        {
            Provider = provider.Key,
            Subject = identity.Subject,
            Sid = identity.Sid,
            Token = identity.RefreshToken is { } token ? protection.Wrap(token) : null,
            AskedAt = now,
            ConfirmedAt = now,
        };
        var session = await sessions.BeginUpstreamAsync(
            account, await current.FindToSignInAsync(context, provider.FormPost ? state.Session?.Sid : null), provedAt,
            AskedAgain.Since(state, identity), upstream, context.RequestAborted);
        if (session is null)
        {
            audit.SignInRefused("the provider ended the session meanwhile", account.Id);
            return state.Wish.AsksForLogin ? ProviderPages.EndedMeanwhile(context, provider, state) : await AnewAsync(provider, state, upstream, context.RequestAborted);
        }

        await SessionCookie.SignInAsync(context, session);
        audit.SignedInAt(provider.Key, account.Id, session.Id);
        return PageResult.Continue(context, state.Pending.Url, "You are signed in");
    }

    /// <summary>
    /// Who signed out and comes back at once may be ahead of the provider, which hears of it from server to server and
    /// signs them in by the session that is about to end. Back there, once it knows, they sign in anew.
    /// </summary>
    private async Task<IResult> AnewAsync(Provider provider, SignInState state, UpstreamSession upstream, CancellationToken cancellationToken)
    {
        await notices.WaitForProviderAsync(provider.Key, upstream.Sid!, cancellationToken);
        return Results.Challenge(state.Anew(time.GetUtcNow()).ToProperties(), [provider.Scheme]);
    }

    /// <summary>Nobody keeps the token that came with this sign-in.</summary>
    private async Task ThrowAwayAsync(Provider provider, UpstreamIdentity identity, CancellationToken cancellationToken)
    {
        if (identity.RefreshToken is { } token)
        {
            unneeded.Add(provider.Key, await accounts.OfAsync(provider, identity, cancellationToken) ?? string.Empty, protection.Wrap(token));
            await unneeded.SaveAsync(cancellationToken);
        }
    }

    private async Task<IResult> LinkAsync(HttpContext context, Provider provider, SignInState state, UpstreamIdentity identity)
    {
        var session = await SessionAsync(context, provider, state);
        if (session is null || session.Id != state.Session?.Sid)
        {
            return ProviderPages.Lost(context, provider);
        }

        var linked = await accounts.LinkAsync(provider, identity, session.AccountId, context.RequestAborted);
        await ThrowAwayAsync(provider, identity, context.RequestAborted);
        if (!linked)
        {
            audit.LinkRefused(provider.Key, session.AccountId);
            return ProviderPages.LinkedToAnother(context, provider);
        }

        audit.Linked(provider.Key, session.AccountId);
        return PageResult.Show<LinkedPage>(context, new Dictionary<string, object?>
        {
            [nameof(LinkedPage.Provider)] = provider.Name,
            [nameof(LinkedPage.Who)] = identity.Email ?? identity.UserName ?? identity.Name ?? identity.Subject,
        });
    }

    /// <summary>Whatever comes of it, the authorization goes on: it is the application's, and without the token it only ends earlier.</summary>
    private async Task<IResult> KeepOfflineTokenAsync(HttpContext context, Provider provider, SignInState state, UpstreamIdentity identity)
    {
        var session = await SessionAsync(context, provider, state);
        if (session?.Id == state.Session?.Sid && session?.Upstream is { } upstream && upstream.Provider == provider.Key
            && upstream.Subject == identity.Subject && identity.RefreshToken is { } token)
        {
            await offlineTokens.KeepAsync(provider.Key, identity.Subject, token, context.RequestAborted);
        }
        else
        {
            await ThrowAwayAsync(provider, identity, context.RequestAborted);
        }

        return PageResult.Continue(context, state.Pending.Url, "One moment");
    }

    /// <summary>
    /// The browser's session. A form that the provider's page posts brings no Lax cookie: it is then the session that the
    /// browser had when it left, for the correlation cookie proves that this is the same browser; unless its stamp was made
    /// anew meanwhile, as for every cookie.
    /// </summary>
    private async Task<Session?> SessionAsync(HttpContext context, Provider provider, SignInState state) =>
        await current.FindAsync(context)
        ?? (provider.FormPost && state.Session is { } stamp ? await current.FindAsync(stamp, context.RequestAborted) : null);
}
