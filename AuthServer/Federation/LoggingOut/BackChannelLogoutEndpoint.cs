using System.Data.Common;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Availability;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage.Outages;
using McpAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation.LoggingOut;

/// <summary>
/// <c>POST /sign-in/{key}/backchannel-logout</c>: a provider says that a session there has ended (OpenID Connect
/// Back-Channel Logout §2.5). It needs the database only: not every provider sends a logout twice. An old token can't end a
/// newer sign-in.
/// </summary>
internal sealed partial class BackChannelLogoutEndpoint(
    ProviderSet providers, LogoutTokenRules rules, EndingActs endings, UsedLogoutTokens used, AuditLog audit,
    DatabaseOutage outage, ILogger<BackChannelLogoutEndpoint> logger)
{
    internal const string Suffix = "/backchannel-logout";

    internal static void Map(IEndpointRouteBuilder app) => WorksWithoutRedis.Set(
        app.MapPost($"{SignInEndpoints.Path}/{{key}}{Suffix}", (string key, HttpContext context, BackChannelLogoutEndpoint endpoint) => endpoint.HandleAsync(key, context))
            .DisableAntiforgery());

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
            return logout is null ? Refuse(provider, fault!) : await EndAsync(provider, logout);
        }
        catch (Exception exception) when (exception is ProviderException or DbException or DbUpdateException)
        {
            return await LaterAsync(context, provider, exception);
        }
    }

    /// <summary>Ends first and remembers the token afterwards: whatever fails between, the provider may send it again.</summary>
    private async Task<IResult> EndAsync(Provider provider, UpstreamLogout logout)
    {
        if (await used.ContainsAsync(provider, logout))
        {
            return Refuse(provider, "The logout token was used before.");
        }

        // Not cancelled where the provider hangs up: it may not send it again.
        await endings.EndSessionsOfProviderAsync(provider.Key, logout.Subject, logout.Sid, logout.IssuedAt + ClockSkew.Allowed, CancellationToken.None);
        await used.AddAsync(provider, logout);
        audit.UpstreamLogout(provider.Key, logout.Sid is null ? "all sessions of a person" : "one session");
        return Results.Ok();
    }

    private IResult Refuse(Provider provider, string fault)
    {
        audit.UpstreamLogoutRefused(provider.Key, fault);
        return Results.Json(new { error = "invalid_request", error_description = fault }, statusCode: StatusCodes.Status400BadRequest);
    }

    private async Task<IResult> LaterAsync(HttpContext context, Provider provider, Exception exception)
    {
        if (!outage.Explains(exception))
        {
            NotTaken(exception, provider.Key);
        }

        await Unavailable.AnswerAsync(context, "The logout could not be taken now. Send it again later.");
        return Results.Empty;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A logout of the provider '{Provider}' could not be taken")]
    private partial void NotTaken(Exception exception, string provider);
}
