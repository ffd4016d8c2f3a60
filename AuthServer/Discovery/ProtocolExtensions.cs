using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.Documents;
using McpAspire.AuthServer.Devices;
using McpAspire.AuthServer.EnterpriseManaged;
using McpAspire.AuthServer.Exchange;
using McpAspire.AuthServer.Introspection;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Limits;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Strangers;
using McpAspire.AuthServer.Tokens;
using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.PublicUrls;
using McpAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Discovery;

/// <summary>Registers OpenIddict as the authorization server, with the rules of each room.</summary>
internal static class ProtocolExtensions
{
    private const string AnyOrigin = "any-origin";

    // Short, since a resource server of another house learns of a revocation only when the token ends.
    private static readonly TimeSpan DefaultAccessTokenLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestAccessTokenLifetime = TimeSpan.FromSeconds(30);

    // Servers that do not listen to what was revoked take a token for as long.
    private static readonly TimeSpan LongestAccessTokenLifetime = TimeSpan.FromHours(1);

    private static readonly HashSet<string> OpenToAnyOrigin = new(StringComparer.OrdinalIgnoreCase)
    {
        Endpoints.OAuthMetadata, Endpoints.OpenIdMetadata, Endpoints.Keys, Endpoints.PushedAuthorization, Endpoints.Token, Endpoints.Revoke,
        Endpoints.Register,
    };

    internal static void AddProtocol(this WebApplicationBuilder builder)
    {
        builder.Services.AddOpenIddict()
            .AddCore(core => core
                .ReplaceApplicationManager(typeof(ClientManager<>))
                .UseEntityFrameworkCore(store => store.UseDbContext<AuthDbContext>())
                .ReplaceApplicationStore<OpenIddictEntityFrameworkCoreApplication, ClientStore>())
            .AddServer(server =>
            {
                server.Configure(Configure)
                    .AllowAuthorizationCodeFlow()
                    .AllowRefreshTokenFlow()
                    .AllowClientCredentialsFlow()
                    .RequireProofKeyForCodeExchange()
                    .SetAuthorizationEndpointUris(Endpoints.Authorize[1..])
                    .SetPushedAuthorizationEndpointUris(Endpoints.PushedAuthorization[1..])
                    .SetTokenEndpointUris(Endpoints.Token[1..])
                    .SetRevocationEndpointUris(Endpoints.Revoke[1..])
                    .SetUserInfoEndpointUris(Endpoints.UserInfo[1..])
                    .SetEndSessionEndpointUris(Endpoints.Logout[1..])
                    .AddEventHandler(MetadataDocument.Descriptor)
                    .AddEventHandler(ExactIssuerInResponses.AtAuthorize)
                    .AddEventHandler(ExactIssuerInResponses.AtUserInfo)
                    .AddEventHandler(PlainErrorDescriptions.Descriptor);
                server.UseKeyRules().UseClientRules().UseLimitRules().UseStrangerRules().UseAuthorizeRules().UseDeviceRules().UseTokenRules()
                    .UseIntrospectionRules().UseExchangeRules().UseEnterpriseManagedRules();

                var http = server.UseAspNetCore()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough()
                    .EnableEndUserVerificationEndpointPassthrough()
                    .EnableErrorPassthrough();
                if (PublicUrl.Parse(builder.Configuration["PublicUrl"], builder.Environment.IsDevelopment()).Uri.Scheme == "http")
                {
                    // PublicUrl allows http in Development on loopback only.
                    http.DisableTransportSecurityRequirement();
                }
            });
        builder.Services.AddOptions<OpenIddictServerOptions>().Configure<PublicUrl, IConfiguration>((options, issuer, configuration) =>
        {
            options.Issuer = issuer.Uri;
            options.AccessTokenLifetime = AccessTokenLifetime(configuration);
            options.RequirePushedAuthorizationRequests = configuration.GetValue("RequirePushedAuthorizationRequests", defaultValue: false);
        });
        builder.Services.PostConfigure<LoggerFilterOptions>(QuietOpenIddict);
        builder.Services.AddCors(cors => cors.AddPolicy(AnyOrigin, policy => policy.AllowAnyOrigin().AllowAnyHeader().WithMethods("GET", "POST")));
    }

    /// <summary>CORS for any origin, without credentials, on the endpoints that clients in a browser call; never on pages.</summary>
    internal static void UseProtocolCors(this WebApplication app) =>
        app.UseWhen(context => OpenToAnyOrigin.Contains(context.Request.Path.Value ?? string.Empty), branch => branch.UseCors(AnyOrigin));

    /// <summary>Makes what is configured but used only by later requests, so that a bad setting stops the start. The keys must be loaded.</summary>
    internal static void CheckProtocol(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue;
        _ = app.Services.GetRequiredService<ResourceIndicators>();
        _ = app.Services.GetRequiredService<DocumentFetcher>();
    }

    /// <summary>How long access tokens live.</summary>
    /// <exception cref="InvalidOperationException">The setting makes no sense.</exception>
    internal static TimeSpan AccessTokenLifetime(IConfiguration configuration)
    {
        var lifetime = configuration.GetValue("AccessTokenLifetime", DefaultAccessTokenLifetime);
        SettingRange.Check("AccessTokenLifetime", lifetime, ShortestAccessTokenLifetime, LongestAccessTokenLifetime);
        return lifetime;
    }

    private static void Configure(OpenIddictServerOptions options)
    {
        options.IdentityTokenLifetime = TimeSpan.FromMinutes(5);
        options.AuthorizationCodeLifetime = TimeSpan.FromSeconds(60);
        options.RefreshTokenLifetime = Grants.GrantStore.RefreshIdle;
        options.RequestTokenLifetime = TimeSpan.FromHours(1);

        options.DisableAccessTokenEncryption = true;
        // Grants are rows of our own, and resources and the scopes of a client are judged by rules of our own.
        options.DisableAuthorizationStorage = true;
        options.DisableResourceValidation = true;
        options.IgnoreResourcePermissions = true;
        options.IgnoreScopePermissions = true;
        options.EnableAuthorizationRequestCaching = true;

        options.CodeChallengeMethods.Clear();
        options.CodeChallengeMethods.Add(CodeChallengeMethods.Sha256);
        options.ResponseModes.Clear();
        options.ResponseModes.Add(ResponseModes.Query);
        options.PromptValues.Clear();
        options.PromptValues.UnionWith([PromptValues.None, PromptValues.Login, PromptValues.Consent, PromptValues.SelectAccount]);
        options.Scopes.Clear();
        options.Scopes.UnionWith(ScopeCatalog.All.Select(scope => scope.Name).Append(ScopeCatalog.ProfileRead));
        options.Claims.Clear();
        options.Claims.UnionWith(
        [
            Claims.Issuer, Claims.Subject, Claims.Audience, Claims.ExpiresAt, Claims.IssuedAt, Claims.AuthenticationTime, TokenPrincipal.Sid,
            Claims.Name, Claims.PreferredUsername, Claims.Email, ScopeCatalog.Roles,
        ]);
    }

    /// <summary>
    /// OpenIddict logs whole requests and, at Trace, whole tokens. Its warnings are enough, whatever configuration
    /// says: the last rule for a category wins.
    /// </summary>
    private static void QuietOpenIddict(LoggerFilterOptions options) =>
        options.CapCategory("OpenIddict", LogLevel.Warning);
}
