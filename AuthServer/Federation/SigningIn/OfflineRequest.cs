using McpAspire.AuthServer.Federation.Providers;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>Asks a provider for a token that outlives the session there.</summary>
internal static class OfflineRequest
{
    internal static void AddTo(OpenIdConnectMessage message, Provider provider)
    {
        switch (provider.Offline)
        {
            case OfflineAccess.GoogleParameter:
                message.SetParameter("access_type", "offline");
                message.Prompt = "consent";
                break;
            case OfflineAccess.ScopeWithConsent:
                message.Scope += " offline_access";
                message.Prompt = "consent";
                break;
            case OfflineAccess.Scope:
                message.Scope += " offline_access";
                break;
        }
    }
}
