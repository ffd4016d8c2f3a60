using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Linking;
using McpAspire.AuthServer.Federation.LoggingOut;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.Refreshing;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.ServiceDefaults.Telemetry;

namespace McpAspire.AuthServer.Federation;

/// <summary>Registers sign-in through identity providers.</summary>
internal static class FederationExtensions
{
    /// <summary>The framework's handlers log whole messages of providers, states and codes included, at Debug and Trace.</summary>
    private static readonly string[] Talkative =
    [
        "Microsoft.AspNetCore.Authentication.OpenIdConnect", "Microsoft.AspNetCore.Authentication.OAuth",
        "McpAspire.AuthServer.Federation.SigningIn.GitHubHandler",
    ];

    internal static void AddFederation(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // Made here and not at the first request, so that a bad setting stops the start.
        var providers = new ProviderSet(builder.Configuration, builder.Environment.IsDevelopment());
        services.AddSingleton(providers);
        services.AddSingleton<UpstreamTokenProtection>();
        services.AddSingleton<ProviderHttp>();
        services.AddSingleton<ProviderDirectory>();
        services.AddSingleton<ClientProof>();
        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<LinkTicket>();
        services.AddSingleton<SignInFailure>();
        services.AddSingleton<WayToProvider>();
        services.AddScoped<OpenIdEvents>();
        services.AddScoped<GitHubEvents>();
        services.AddScoped<FederatedAccounts>();
        services.AddScoped<OfflineTokens>();
        services.AddScoped<OfflineHop>();
        services.AddScoped<CompleteSignIn>();
        services.AddScoped<AskProvider>();
        services.AddSingleton<UpstreamQuestions>();
        services.AddSingleton<UnansweredLog>();
        services.AddScoped<SessionQuestion>();
        services.AddScoped<LinkQuestion>();
        services.AddScoped<UpstreamCheck>();
        services.AddSingleton<LogoutTokenRules>();
        services.AddSingleton<UsedLogoutTokens>();
        services.AddScoped<BackChannelLogoutEndpoint>();
        services.AddScoped<Unlinking>();
        services.AddScoped<ProviderLogout>();
        services.AddScoped<TokenFamily>();
        services.AddScoped<UnneededTokens>();
        services.AddScoped<UnneededTokenSweep>();
        ProviderSchemes.Add(services, providers);
        services.PostConfigure<LoggerFilterOptions>(options =>
        {
            foreach (var category in Talkative)
            {
                options.CapCategory(category, LogLevel.Warning);
            }
        });
    }

    internal static void MapFederation(this WebApplication app)
    {
        ProviderSignInEndpoints.Map(app);
        LinkEndpoints.Map(app);
        BackChannelLogoutEndpoint.Map(app);
    }
}
