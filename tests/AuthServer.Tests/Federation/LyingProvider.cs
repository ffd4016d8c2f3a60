using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>
/// An OpenID provider that signs everyone in as one person without a question, and lies where a test tells it to. It is
/// for refusals; what works is tested against providers that we did not write.
/// </summary>
internal sealed class LyingProvider : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, string?> _codes = new(StringComparer.Ordinal);
    private WebApplication? _site;

    internal LyingProvider(TimeProvider time, string trail = "")
    {
        _time = time;
        Origin = $"http://localhost:{FreePort.Next()}";
        Issuer = Origin + trail;
        Discovery = new()
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = $"{Origin}/authorize",
            ["token_endpoint"] = $"{Origin}/token",
            ["jwks_uri"] = $"{Origin}/jwks",
            ["end_session_endpoint"] = $"{Origin}/logout",
            ["revocation_endpoint"] = $"{Origin}/revoke",
            ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
            ["authorization_response_iss_parameter_supported"] = true,
        };
    }

    internal string Origin { get; }

    internal string Issuer { get; }

    internal Dictionary<string, object?> Discovery { get; }

    /// <summary>True where its server runs, but no longer knows the issuer, as after a realm was deleted.</summary>
    internal bool IsForgotten { get; set; }

    internal string Subject { get; set; } = "upstream-alice";

    internal string? Sid { get; set; } = "upstream-session";

    /// <summary>What the redirect back to us carries; a test may change it.</summary>
    internal Action<Dictionary<string, string?>> Redirect { get; set; } = _ => { };

    /// <summary>The claims of the next ID tokens; a test may change them.</summary>
    internal Action<Dictionary<string, object>> Claims { get; set; } = _ => { };

    internal string TokenIssuer { get; set; } = "";

    internal string? TokenAudience { get; set; }

    internal TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    internal RsaSecurityKey Key { get; private set; } = NewKey("one");

    /// <summary>The key that tokens are signed with, where it is not the published one.</summary>
    internal RsaSecurityKey? ForgedKey { get; set; }

    /// <summary>Answers the token endpoint in place of the provider.</summary>
    internal Func<HttpContext, Task<bool>>? AtToken { get; set; }

    /// <summary>What the end session endpoint answers.</summary>
    internal Func<IResult> AtLogout { get; set; } = () => Results.NoContent();

    /// <summary>What happens before the discovery document is given.</summary>
    internal Func<HttpContext, Task> AtDiscovery { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the revocation endpoint answers.</summary>
    internal Func<IResult> AtRevoke { get; set; } = () => Results.Ok();

    internal bool GivesRefreshTokens { get; set; } = true;

    /// <summary>True where it gives refresh tokens for <c>offline_access</c> only.</summary>
    internal bool GivesOfflineTokensOnly { get; set; }

    /// <summary>True where its refresh tokens name their session, as Keycloak's do; else nobody can read them.</summary>
    internal bool TokensNameTheirSession { get; set; }

    internal ConcurrentQueue<Dictionary<string, string>> TokenRequests { get; } = new();

    /// <summary>The Authorization header of the last request for tokens.</summary>
    internal string TokenAuthorization { get; private set; } = "";

    internal ConcurrentQueue<Dictionary<string, string>> AuthorizeRequests { get; } = new();

    internal ConcurrentQueue<Dictionary<string, string>> Logouts { get; } = new();

    internal ConcurrentQueue<Dictionary<string, string>> Revocations { get; } = new();

    internal ConcurrentQueue<string> RefreshTokens { get; } = new();

    internal async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Origin);
        var site = builder.Build();
        site.MapGet("/.well-known/openid-configuration", async (HttpContext context) =>
        {
            await AtDiscovery(context);
            return IsForgotten ? Results.NotFound() : Results.Ok(Discovery);
        });
        site.MapGet("/jwks", () => new { keys = new[] { PublicKey() } });
        site.MapGet("/authorize", Authorize);
        site.MapPost("/token", TokenAsync);
        site.MapPost("/logout", async (HttpContext context) =>
        {
            Logouts.Enqueue(await FieldsAsync(context));
            return AtLogout();
        });
        site.MapPost("/revoke", async (HttpContext context) =>
        {
            Revocations.Enqueue(await FieldsAsync(context));
            return AtRevoke();
        });
        await site.StartAsync(TestContext.Current.CancellationToken);
        _site = site;
    }

    internal async Task StopAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
            _site = null;
        }
    }

    internal void RotateKey() => Key = NewKey(Guid.NewGuid().ToString("N"));

    /// <summary>Signs a JWT as the provider.</summary>
    internal string Sign(Dictionary<string, object> claims, string type = "JWT") => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
        new SecurityTokenDescriptor
        {
            Claims = claims,
            TokenType = type,
            SigningCredentials = new SigningCredentials(ForgedKey ?? Key, SecurityAlgorithms.RsaSha256),
        });

    internal Dictionary<string, object> LogoutClaims(string? sub, string? sid)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = "the-client",
            ["iat"] = _time.GetUtcNow().ToUnixTimeSeconds(),
            ["exp"] = _time.GetUtcNow().AddMinutes(2).ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString(),
            ["events"] = new Dictionary<string, object> { ["http://schemas.openid.net/event/backchannel-logout"] = new Dictionary<string, object>() },
        };
        if (sub is not null)
        {
            claims["sub"] = sub;
        }

        if (sid is not null)
        {
            claims["sid"] = sid;
        }

        return claims;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    internal static RsaSecurityKey NewKey(string kid) => new(RSA.Create(2048)) { KeyId = kid };

    private IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        AuthorizeRequests.Enqueue(query);
        var code = "code-" + Guid.NewGuid().ToString("N");
        _codes[code] = query.GetValueOrDefault("nonce");
        var answer = new Dictionary<string, string?> { ["code"] = code, ["state"] = query["state"], ["iss"] = Issuer };
        Redirect(answer);
        if (query.GetValueOrDefault("response_mode") == "form_post")
        {
            var fields = answer.Where(pair => pair.Value is not null).Select(pair => $"<input type='hidden' name='{pair.Key}' value='{WebUtility.HtmlEncode(pair.Value)}'>");
            return Results.Content($"<form method='post' action='{query["redirect_uri"]}'>{string.Concat(fields)}</form>", "text/html");
        }

        return Results.Redirect(query["redirect_uri"] + "?" + string.Join('&', answer.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}")));
    }

    private async Task TokenAsync(HttpContext context)
    {
        var fields = await FieldsAsync(context);
        TokenRequests.Enqueue(fields);
        TokenAuthorization = context.Request.Headers.Authorization.ToString();
        if (AtToken is not null && await AtToken(context))
        {
            return;
        }

        var answer = new Dictionary<string, object> { ["access_token"] = "upstream-access-secret", ["token_type"] = "Bearer", ["expires_in"] = 300 };
        var claims = new Dictionary<string, object>
        {
            ["iss"] = TokenIssuer.Length == 0 ? Issuer : TokenIssuer,
            ["aud"] = TokenAudience ?? "the-client",
            ["sub"] = Subject,
            ["name"] = "Upstream Alice",
            ["email"] = "alice@upstream.example",
            ["preferred_username"] = "alice",
            ["iat"] = _time.GetUtcNow().ToUnixTimeSeconds(),
            ["exp"] = (_time.GetUtcNow() + TokenLifetime).ToUnixTimeSeconds(),
        };
        if (Sid is not null)
        {
            claims["sid"] = Sid;
        }

        if (fields["grant_type"] == "authorization_code" && _codes.GetValueOrDefault(fields["code"]) is { } nonce)
        {
            claims["nonce"] = nonce;
        }

        if (GivesRefreshTokens && (!GivesOfflineTokensOnly || AuthorizeRequests.Last()["scope"].Contains("offline_access")))
        {
            var refresh = "upstream-refresh-" + Guid.NewGuid().ToString("N");
            refresh = TokensNameTheirSession ? Sign(new() { ["jti"] = refresh, ["sid"] = Sid! }) : refresh;
            RefreshTokens.Enqueue(refresh);
            answer["refresh_token"] = refresh;
        }

        Claims(claims);
        answer["id_token"] = Sign(claims);
        await context.Response.WriteAsJsonAsync(answer);
    }

    private object PublicKey()
    {
        var parameters = Key.Rsa.ExportParameters(false);
        return new { kty = "RSA", use = "sig", alg = "RS256", kid = Key.KeyId, n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) };
    }

    private static async Task<Dictionary<string, string>> FieldsAsync(HttpContext context) =>
        (await context.Request.ReadFormAsync()).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
}
