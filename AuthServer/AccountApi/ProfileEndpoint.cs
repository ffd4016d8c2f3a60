using System.Net.Http.Headers;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Discovery;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.AccountApi;

/// <summary>
/// <c>GET /account/api/profile</c>: who a person is, for a resource server that exchanged the token it received. It gives
/// what the token's scopes give, as the account is now. Errors are RFC 6750's (§3.1).
/// </summary>
internal sealed class ProfileEndpoint(AccountTokens tokens, AuthDbContext database)
{
    internal static void Map(WebApplication app) =>
        app.MapGet(Endpoints.AccountProfile, (HttpContext context, ProfileEndpoint endpoint) => endpoint.HandleAsync(context));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header)
            || !string.Equals(header.Scheme, Schemes.Bearer, StringComparison.OrdinalIgnoreCase) || string.IsNullOrEmpty(header.Parameter))
        {
            context.Response.Headers.WWWAuthenticate = Schemes.Bearer;
            return Results.Json(
                new { error = Errors.InvalidRequest, error_description = "Send the access token in the Authorization header." }, statusCode: StatusCodes.Status401Unauthorized);
        }

        if (await tokens.ReadAsync(header.Parameter, context.RequestAborted) is not { } token)
        {
            return Refuse(context, StatusCodes.Status401Unauthorized, Errors.InvalidToken, "The access token is not for this resource, has expired or was ended.");
        }

        string[] scopes = [.. ScopeCatalog.Parse(token.GetClaim(Claims.Scope) ?? string.Empty)];
        if (!scopes.Contains(ScopeCatalog.ProfileRead))
        {
            return Refuse(context, StatusCodes.Status403Forbidden, Errors.InsufficientScope, $"The access token does not have the scope {ScopeCatalog.ProfileRead}.");
        }

        var subject = token.GetClaim(Claims.Subject)!;
        var account = await database.Accounts.AsNoTracking().FirstAsync(row => row.Id == subject, context.RequestAborted);
        var profile = new Dictionary<string, object?> { [Claims.Subject] = account.Id };
        if (scopes.Contains(ScopeCatalog.Profile))
        {
            profile[Claims.Name] = account.Name;
        }

        if (scopes.Contains(ScopeCatalog.Email) && account.Email is not null)
        {
            profile[Claims.Email] = account.Email;
        }

        if (scopes.Contains(ScopeCatalog.Roles))
        {
            profile[ScopeCatalog.Roles] = account.RoleList;
        }

        return Results.Json(profile);
    }

    private static IResult Refuse(HttpContext context, int status, string error, string description)
    {
        context.Response.Headers.WWWAuthenticate = $"{Schemes.Bearer} error=\"{error}\", error_description=\"{description}\"";
        return Results.Json(new { error, error_description = description }, statusCode: status);
    }
}
