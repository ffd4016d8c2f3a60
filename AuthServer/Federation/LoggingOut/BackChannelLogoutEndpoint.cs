using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Federation.LoggingOut;

/// <summary>
/// <c>POST /sign-in/{key}/backchannel-logout</c>: a provider says that a session there has ended (OpenID Connect
/// Back-Channel Logout §2.5). Each token counts once, so that an old one can't end a newer sign-in.
/// </summary>
internal sealed partial class BackChannelLogoutEndpoint(
    ProviderSet providers, LogoutTokenRules rules, EndingActs endings, AuthDbContext database, IConnectionMultiplexer redis, TimeProvider time,
    AuditLog audit, ILogger<BackChannelLogoutEndpoint> logger)
{
    internal const string Suffix = "/backchannel-logout";

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost($"{SignInEndpoints.Path}/{{key}}{Suffix}", (string key, HttpContext context, BackChannelLogoutEndpoint endpoint) => endpoint.HandleAsync(key, context))
            .DisableAntiforgery();

    private async Task<IResult> HandleAsync(string key, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (providers.Find(key) is not { IsOpenId: true } provider)
        {
            return Results.Json(new { error = "invalid_request", error_description = "There is no such provider." }, statusCode: StatusCodes.Status404NotFound);
        }

        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        if (form?["logout_token"] is not [{ Length: > 0 } token])
        {
            return Refuse(provider, "Send one 'logout_token' in a form.");
        }

        try
        {
            var (logout, fault) = await rules.ReadAsync(provider, token, context.RequestAborted);
            return logout is null ? Refuse(provider, fault!) : await EndAsync(provider, logout, context.RequestAborted);
        }
        catch (ProviderException exception)
        {
            return Later(provider, exception);
        }
        catch (DbException exception)
        {
            return Later(provider, exception);
        }
    }

    private async Task<IResult> EndAsync(Provider provider, UpstreamLogout logout, CancellationToken cancellationToken)
    {
        var store = redis.GetDatabase();
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{provider.Issuer}\n{logout.TokenId}")));
        var used = $"authserver:upstream-logout:{digest}";
        if (!await store.StringSetAsync(used, 1, logout.ExpiresAt - time.GetUtcNow() + ProviderTokens.Skew + ProviderTokens.Skew, when: When.NotExists))
        {
            return Refuse(provider, "The logout token was used before.");
        }

        try
        {
            foreach (var subject in await SubjectsAsync(provider, logout, cancellationToken))
            {
                await endings.EndSessionsOfProviderAsync(provider.Key, subject, logout.Sid, cancellationToken);
            }
        }
        catch
        {
            // Nothing ended, so the provider may send it again.
            await store.KeyDeleteAsync(used);
            throw;
        }

        audit.UpstreamLogout(provider.Key, logout.Sid is null ? "all sessions of a person" : "one session");
        return Results.Ok();
    }

    /// <summary>A token without <c>sub</c> names a session only.</summary>
    private async Task<IReadOnlyList<string>> SubjectsAsync(Provider provider, UpstreamLogout logout, CancellationToken cancellationToken) =>
        !string.IsNullOrEmpty(logout.Subject)
            ? [logout.Subject]
            : await database.Sessions.Where(session => session.Upstream!.Provider == provider.Key && session.Upstream.Sid == logout.Sid && session.EndedAt == null)
                .Select(session => session.Upstream!.Subject).Distinct().ToListAsync(cancellationToken);

    private IResult Refuse(Provider provider, string fault)
    {
        audit.UpstreamLogoutRefused(provider.Key, fault);
        return Results.Json(new { error = "invalid_request", error_description = fault }, statusCode: StatusCodes.Status400BadRequest);
    }

    private IResult Later(Provider provider, Exception exception)
    {
        NotTaken(exception, provider.Key);
        return Results.Json(
            new { error = "temporarily_unavailable", error_description = "The logout could not be taken now. Send it again later." },
            statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A logout of the provider '{Provider}' could not be taken")]
    private partial void NotTaken(Exception exception, string provider);
}
