using McpAspire.AuthServer.Tokens.Liveness;
using McpAspire.AuthServer.Tokens.Redemption;
using McpAspire.AuthServer.Tokens.Retrying;
using McpAspire.AuthServer.Tokens.Revoking;
using OpenIddict.Server;

namespace McpAspire.AuthServer.Tokens;

/// <summary>Registers the rules of tokens.</summary>
internal static class TokenExtensions
{
    internal static void AddTokens(this IServiceCollection services)
    {
        services.AddSingleton<StandingQuery>();
        services.AddScoped<Standings>();
        services.AddScoped<Redeeming>();
        services.AddScoped<NewRefreshToken>();
        services.AddScoped<ReplayedTokens>();
        services.AddScoped<LivingGrants>();
        services.AddSingleton<RefreshAnswers>();
        services.AddScoped<SameAnswer>();
    }

    internal static OpenIddictServerBuilder UseTokenRules(this OpenIddictServerBuilder server) => server
        .RemoveEventHandler(OpenIddictServerHandlers.Exchange.ValidateScopes.Descriptor)
        .AddEventHandler(KnownScopes.Descriptor)
        .AddEventHandler(StillRegistered.Descriptor)
        .AddEventHandler(NarrowOnly.Descriptor)
        .AddEventHandler(RetriedRefresh.Descriptor)
        .AddEventHandler(AskUpstream.Descriptor)
        .AddEventHandler(UnavailableIs503.Descriptor)
        .AddEventHandler(IssueTokens.Descriptor)
        .AddEventHandler(ClientCredentials.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.RedeemTokenEntry.Descriptor)
        .AddEventHandler(RedeemOnce.Descriptor)
        .AddEventHandler(NameNewRefreshToken.Descriptor)
        .AddEventHandler(KeepNewRefreshToken.Descriptor)
        .AddEventHandler(RecordGrant.Descriptor)
        .AddEventHandler(CommitRedeemed.Descriptor)
        .AddEventHandler(KeepAnswer.Descriptor)
        .AddEventHandler(RefreshTokenWhereRegistered.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Protection.RestoreTokenEntryProperties.Descriptor)
        .AddEventHandler(PresentedToken.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Protection.ValidateTokenEntry.Descriptor)
        .AddEventHandler(ReplayEndsGrant.Descriptor)
        .AddEventHandler(NoRowForAccessTokens.Descriptor)
        .AddEventHandler(ExactIssuerInTokens.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Revocation.ValidateAuthorizedParty.Descriptor)
        .AddEventHandler(OwnTokensOnly.Descriptor)
        .RemoveEventHandler(OpenIddictServerHandlers.Revocation.RevokeToken.Descriptor)
        .AddEventHandler(RevokeGrant.Descriptor)
        .AddEventHandler(TokenInHeaderOnly.Descriptor)
        .AddEventHandler(UserInfo.Descriptor)
        .AddEventHandler(AuditRefusals.Descriptor);
}
