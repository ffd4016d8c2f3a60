using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.SigningIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace McpAspire.AuthServer.Federation;

/// <summary>One scheme of ASP.NET Core for each provider: the framework's handlers do the protocol.</summary>
internal static class ProviderSchemes
{
    private const string CookiePrefix = "__Host-authserver-";

    /// <summary>How long a person may take at the provider.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    internal static void Add(IServiceCollection services, ProviderSet providers)
    {
        var authentication = services.AddAuthentication();
        foreach (var provider in providers.All)
        {
            if (provider.GitHub is { } endpoints)
            {
                authentication.AddOAuth<OAuthOptions, GitHubHandler>(provider.Scheme, options => Configure(options, provider, endpoints));
            }
            else
            {
                authentication.AddOpenIdConnect(provider.Scheme, options => Configure(options, provider));
                services.AddOptions<OpenIdConnectOptions>(provider.Scheme).Configure<ProviderDirectory, ProviderHttp, TimeProvider>((options, directory, http, time) =>
                {
                    var metadata = directory.MetadataOf(provider);
                    options.ConfigurationManager = metadata;
                    options.TokenHandler = new ProviderTokens(provider, metadata, time);
                    options.Backchannel = http.Client;
                });
            }
        }
    }

    private static void Configure(OpenIdConnectOptions options, Provider provider)
    {
        Configure((RemoteAuthenticationOptions)options, provider);
        options.EventsType = typeof(OpenIdEvents);
        options.ClientId = provider.ClientId;
        options.RequireHttpsMetadata = !provider.AllowHttp;
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = provider.FormPost ? OpenIdConnectResponseMode.FormPost : OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.PushedAuthorizationBehavior = PushedAuthorizationBehavior.Disable;
        options.MapInboundClaims = false;
        options.DisableTelemetry = true;
        options.RemoteSignOutPath = default;
        options.SignedOutCallbackPath = default;
        options.RefreshOnIssuerKeyNotFound = false;
        options.Scope.Clear();
        foreach (var scope in provider.Scopes)
        {
            options.Scope.Add(scope);
        }

        options.NonceCookie.Name = CookiePrefix + "nonce-";
        Harden(options.NonceCookie, provider);
    }

    private static void Configure(OAuthOptions options, Provider provider, GitHubEndpoints endpoints)
    {
        Configure((RemoteAuthenticationOptions)options, provider);
        options.EventsType = typeof(GitHubEvents);
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret!;
        options.AuthorizationEndpoint = endpoints.Authorization.AbsoluteUri;
        options.TokenEndpoint = endpoints.Token.AbsoluteUri;
        options.UsePkce = true;
        foreach (var scope in provider.Scopes)
        {
            options.Scope.Add(scope);
        }
    }

    private static void Configure(RemoteAuthenticationOptions options, Provider provider)
    {
        options.CallbackPath = provider.CallbackPath;
        options.SaveTokens = false;
        options.RemoteAuthenticationTimeout = Patience;
        options.CorrelationCookie.Name = CookiePrefix + "correlation-";
        Harden(options.CorrelationCookie, provider);
    }

    /// <summary>A form that the provider's page posts to us brings no Lax cookie.</summary>
    private static void Harden(CookieBuilder cookie, Provider provider)
    {
        cookie.Path = "/";
        cookie.HttpOnly = true;
        cookie.IsEssential = true;
        cookie.SecurePolicy = CookieSecurePolicy.Always;
        cookie.SameSite = provider.FormPost ? SameSiteMode.None : SameSiteMode.Lax;
    }
}
