using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace McpAspire.McpServer.Authorization;

/// <summary>Registers who this server is, whose tokens it takes, and how it refuses others.</summary>
internal static class AuthorizationExtensions
{
    /// <summary>Reads and validates the identities of this server.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message says what to set.</exception>
    public static void AddResourceIdentity(this WebApplicationBuilder builder)
    {
        var issuer = ResourceIdentity.ReadIssuer(builder.Configuration["AuthorizationServer"], builder.Environment.IsDevelopment());
        builder.Services.AddSingleton(provider => new ResourceIdentity(provider.GetRequiredService<PublicUrl>(), issuer));
    }

    /// <summary>Adds bearer authentication with JWT access tokens of the authorization server.</summary>
    /// <param name="builder">The service's builder.</param>
    public static void AddAccessTokens(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<AuthorizationServerDocument>();
        services.AddSingleton<IssuerKeys>();
        services.AddSingleton<ValidatedTokens>();
        services.AddSingleton<AccessTokenHandler>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<BearerEvents>();
        services.AddHttpContextAccessor();
        services.AddScoped(static provider =>
            provider.GetRequiredService<IHttpContextAccessor>().HttpContext?.Features.Get<CurrentCaller>()
            ?? throw new InvalidOperationException("There is a current caller only inside a request with a valid access token."));

        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<AccessTokenHandler, ResourceIdentity, TimeProvider>(static (options, handler, identity, time) =>
            {
                options.MapInboundClaims = false;
                options.SaveToken = false;
                options.EventsType = typeof(BearerEvents);
                options.TokenHandlers.Clear();
                options.TokenHandlers.Add(handler);
                options.TokenValidationParameters = AccessTokenRules.For(identity, time);
            });
        services.AddAuthorization();
        builder.AddCallLimit();
    }

    /// <summary>Authenticates, authorizes and counts requests; a token in the query is refused first.</summary>
    /// <param name="app">The pipeline.</param>
    public static void UseAccessTokens(this WebApplication app)
    {
        app.UseWhen(Protocol.ProtectedPaths.Covers, static branch => branch.UseMiddleware<TokenInQuery>());
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
    }
}
