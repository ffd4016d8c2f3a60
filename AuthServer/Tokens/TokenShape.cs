using System.Security.Claims;
using McpAspire.ServiceDefaults.PublicUrls;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>Access and ID tokens have no row in the database: they are short, and what ends them is their grant.</summary>
internal sealed class NoRowForAccessTokens : IOpenIddictServerHandler<GenerateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<GenerateTokenContext>()
            .UseSingletonHandler<NoRowForAccessTokens>()
            .SetOrder(OpenIddictServerHandlers.Protection.CreateTokenEntry.Descriptor.Order - 100)
            .Build();

    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (context.TokenType is TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken)
        {
            context.CreateTokenEntry = false;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// Tokens name the issuer exactly as configured (OpenIddict would write it with a slash at the end), and those that
/// others read carry no claims that are only OpenIddict's.
/// </summary>
internal sealed class ExactIssuerInTokens(PublicUrl issuer) : IOpenIddictServerHandler<GenerateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<GenerateTokenContext>()
            .UseSingletonHandler<ExactIssuerInTokens>()
            .SetOrder(OpenIddictServerHandlers.Protection.AttachTokenMetadata.Descriptor.Order + 500)
            .Build();

    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        context.SecurityTokenDescriptor.Issuer = issuer.Value;
        if (context.TokenType is TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken)
        {
            var claims = context.SecurityTokenDescriptor.Subject.Claims.Where(claim => !claim.Type.StartsWith(Claims.Prefixes.Private, StringComparison.Ordinal));
            context.SecurityTokenDescriptor.Subject = new ClaimsIdentity(claims, context.SecurityTokenDescriptor.Subject.AuthenticationType);
        }

        return ValueTask.CompletedTask;
    }
}
