using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Keys;

/// <summary>Signs each kind of token, and encrypts those that only we read, with the active key of its use; OpenIddict alone would take the first of its list.</summary>
internal sealed class PickKeyByUse(KeyRing ring) : IOpenIddictServerHandler<GenerateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<GenerateTokenContext, PickKeyByUse>(OpenIddictServerHandlers.Protection.AttachSecurityCredentials.Descriptor.Order + 500);

    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        context.SigningCredentials = ring.Active(context.TokenType switch
        {
            TokenTypeIdentifiers.AccessToken => KeyUse.AccessToken,
            TokenTypeIdentifiers.IdentityToken => KeyUse.IdentityToken,
            _ => KeyUse.PrivateToken,
        });
        if (context.EncryptionCredentials is not null)
        {
            context.EncryptionCredentials = ring.ActiveEncryption();
        }

        return ValueTask.CompletedTask;
    }
}
