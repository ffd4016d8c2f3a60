using System.Security.Claims;
using McpAspire.AuthServer.Authorize;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>Access and ID tokens have no row in the database: they are short, and what ends them is their grant.</summary>
internal sealed class NoRowForAccessTokens : IOpenIddictServerHandler<GenerateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<GenerateTokenContext, NoRowForAccessTokens>(OpenIddictServerHandlers.Protection.CreateTokenEntry.Descriptor.Order - 100);

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
/// others read carry no claims that are only OpenIddict's. Roles are an array (RFC 9068 §2.2.3.1) also where there is one.
/// </summary>
internal sealed class ExactIssuerInTokens(PublicUrl issuer) : IOpenIddictServerHandler<GenerateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<GenerateTokenContext, ExactIssuerInTokens>(OpenIddictServerHandlers.Protection.AttachTokenMetadata.Descriptor.Order + 500);

    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        context.SecurityTokenDescriptor.Issuer = issuer.Value;
        if (context.TokenType is TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken)
        {
            Publish(context.SecurityTokenDescriptor);
        }

        return ValueTask.CompletedTask;
    }

    private static void Publish(SecurityTokenDescriptor token)
    {
        var claims = token.Subject.Claims.Where(claim => !claim.Type.StartsWith(Claims.Prefixes.Private, StringComparison.Ordinal))
            .ToLookup(claim => claim.Type == ScopeCatalog.Roles);
        token.Subject = new ClaimsIdentity(claims[false], token.Subject.AuthenticationType);
        if (claims[true].Select(role => role.Value).ToArray() is { Length: > 0 } roles)
        {
            token.Claims[ScopeCatalog.Roles] = roles;
        }
    }
}
