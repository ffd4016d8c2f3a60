using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Exchange;

/// <summary>Registers token exchange (RFC 8693): access token for access token, without actor tokens.</summary>
internal static class ExchangeExtensions
{
    internal static void AddExchange(this IServiceCollection services) => services.AddSingleton<ExchangeTarget>();

    internal static OpenIddictServerBuilder UseExchangeRules(this OpenIddictServerBuilder server) => server
        .AllowTokenExchangeFlow()
        .Configure(AccessTokensOnly)
        .RemoveEventHandler(OpenIddictServerHandlers.Exchange.ValidateAuthorizedParty.Descriptor)
        .AddEventHandler(SubjectTokenForClient.Descriptor)
        .AddEventHandler(ExchangeTokens.Descriptor)
        .AddEventHandler(InvalidSubjectToken.Descriptor);

    private static void AccessTokensOnly(OpenIddictServerOptions options)
    {
        options.SubjectTokenTypes.Clear();
        options.SubjectTokenTypes.Add(TokenTypeIdentifiers.AccessToken);
        options.RequestedTokenTypes.Clear();
        options.RequestedTokenTypes.Add(TokenTypeIdentifiers.AccessToken);
        options.ActorTokenTypes.Clear();
    }
}
