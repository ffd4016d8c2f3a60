using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>
/// GitHub's three endpoints as its documentation tells them: no discovery, ID token, nonce or <c>iss</c>; errors of the
/// token endpoint come with 200; the API wants a User-Agent and a Bearer token. Everyone is signed in without a question.
/// </summary>
internal sealed class GitHubDouble : IAsyncDisposable
{
    internal const string ClientId = "Iv1.the-client";
    internal const string ClientSecret = "github-client-secret";

    private readonly ConcurrentDictionary<string, IQueryCollection> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _scopes = new(StringComparer.Ordinal);
    private WebApplication? _site;

    internal string Origin { get; } = $"http://localhost:{FreePort.Next()}";

    /// <summary>What the API says of the person; a test may change it.</summary>
    internal Dictionary<string, object?> User { get; } = new()
    {
        ["login"] = "octo-alice",
        ["id"] = 583231,
        ["node_id"] = "MDQ6VXNlcjU4MzIzMQ==",
        ["type"] = "User",
        ["name"] = "Alice of GitHub",
        ["email"] = "from-the-profile@example.com",
    };

    /// <summary>The person's addresses; a test may change them.</summary>
    internal List<object> Emails { get; } =
    [
        new { email = "other@example.com", primary = false, verified = true, visibility = (string?)null },
        new { email = "primary@example.com", primary = true, verified = true, visibility = "private" },
    ];

    /// <summary>The error that the redirect back carries, where the person says no.</summary>
    internal string? Refusal { get; set; }

    /// <summary>The error of the token endpoint, where a test wants one.</summary>
    internal string? TokenError { get; set; }

    internal ConcurrentQueue<IQueryCollection> AuthorizeRequests { get; } = new();

    internal ConcurrentQueue<Dictionary<string, string>> TokenRequests { get; } = new();

    /// <summary>Every code and token that it gave.</summary>
    internal ConcurrentQueue<string> Secrets { get; } = new();

    internal async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Origin);
        _site = builder.Build();
        _site.MapGet("/login/oauth/authorize", Authorize);
        _site.MapPost("/login/oauth/access_token", AccessTokenAsync);
        _site.MapGet("/user", context => ApiAsync(context, null, User));
        _site.MapGet("/user/emails", context => ApiAsync(context, "user:email", Emails));
        await _site.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }
    }

    private IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query;
        AuthorizeRequests.Enqueue(query);
        if (query["client_id"] != ClientId)
        {
            return Results.NotFound();
        }

        var state = Uri.EscapeDataString(query["state"].ToString());
        if (Refusal is not null)
        {
            return Results.Redirect($"{query["redirect_uri"]}?error={Refusal}&error_description=The+user+has+denied+your+application+access.&state={state}");
        }

        var code = NewSecret("");
        _codes[code] = query;
        return Results.Redirect($"{query["redirect_uri"]}?code={code}&state={state}");
    }

    private async Task AccessTokenAsync(HttpContext context)
    {
        var form = (await context.Request.ReadFormAsync()).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        TokenRequests.Enqueue(form);
        var answer = Redeem(form);
        if (context.Request.Headers.Accept == "application/json")
        {
            await context.Response.WriteAsJsonAsync(answer);
            return;
        }

        context.Response.ContentType = "application/x-www-form-urlencoded; charset=utf-8";
        await context.Response.WriteAsync(string.Join('&', answer.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}")));
    }

    private Dictionary<string, string> Redeem(Dictionary<string, string> form)
    {
        if (TokenError is not null)
        {
            return Error(TokenError);
        }

        if (form.GetValueOrDefault("client_id") != ClientId || form.GetValueOrDefault("client_secret") != ClientSecret)
        {
            return Error("incorrect_client_credentials");
        }

        if (!_codes.TryRemove(form.GetValueOrDefault("code", ""), out var asked) || Challenge(form.GetValueOrDefault("code_verifier", "")) != asked["code_challenge"])
        {
            return Error("bad_verification_code");
        }

        if (form.GetValueOrDefault("redirect_uri") != asked["redirect_uri"])
        {
            return Error("redirect_uri_mismatch");
        }

        var token = NewSecret("gho_");
        _scopes[token] = asked["scope"].ToString();
        return new() { ["access_token"] = token, ["scope"] = asked["scope"].ToString().Replace(' ', ','), ["token_type"] = "bearer" };
    }

    private async Task ApiAsync(HttpContext context, string? scope, object answer)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var scopes = header.StartsWith("Bearer ", StringComparison.Ordinal) ? _scopes.GetValueOrDefault(header["Bearer ".Length..]) : null;
        var (status, body) = (scopes, context.Request.Headers.UserAgent.Count) switch
        {
            (_, 0) => (StatusCodes.Status403Forbidden, new { message = "Request forbidden by administrative rules." }),
            (null, _) => (StatusCodes.Status401Unauthorized, new { message = "Bad credentials" }),
            _ when scope is not null && !scopes.Split(' ').Contains(scope) => (StatusCodes.Status404NotFound, new { message = "Not Found" }),
            _ => (StatusCodes.Status200OK, answer),
        };
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(body);
    }

    private string NewSecret(string prefix)
    {
        var secret = prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
        Secrets.Enqueue(secret);
        return secret;
    }

    private static Dictionary<string, string> Error(string code) => new() { ["error"] = code, ["error_description"] = "As the documentation says.", ["error_uri"] = "https://docs.github.com" };

    private static string Challenge(string verifier) => Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
}
