using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.ClientWeb.Tests.Fakes;

/// <summary>
/// An authorization server over real HTTP that signs Alice in without asking, checks what a client must send, and can
/// be told to break one rule at a time.
/// </summary>
internal sealed class FakeAuthorizationServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, IQueryCollection> _codes = new();
    private readonly ConcurrentDictionary<string, bool> _refreshTokens = new();
    private readonly ConcurrentDictionary<string, bool> _accessTokens = new();

    private FakeAuthorizationServer(int port)
    {
        Issuer = $"http://localhost:{port}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Issuer);
        _app = builder.Build();
        _app.MapGet("/.well-known/oauth-authorization-server", () => Json(Metadata()));
        _app.MapGet("/jwks", ShowKeys);
        _app.MapGet("/authorize", (Delegate)AuthorizeAsync);
        _app.MapPost("/token", (Delegate)TokenAsync);
        _app.MapPost("/revoke", (Delegate)RevokeAsync);
        _app.MapGet("/logout", (Delegate)Logout);
    }

    public string Issuer { get; }

    /// <summary>Changes the metadata.</summary>
    public Action<JsonObject> ChangeMetadata { get; set; } = _ => { };

    /// <summary>Changes the parameters of the authorization response.</summary>
    public Action<Dictionary<string, string?>> ChangeResponse { get; set; } = _ => { };

    /// <summary>Changes the ID token's claims.</summary>
    public Action<Dictionary<string, object>> ChangeIdToken { get; set; } = _ => { };

    /// <summary>Signs ID tokens with something else.</summary>
    public SigningCredentials? OtherIdTokenKey { get; set; }

    public int AccessTokenSeconds { get; set; } = 300;

    /// <summary>Refuses each refresh with this error.</summary>
    public string? RefreshError { get; set; }

    /// <summary>Answers the token endpoint with 503.</summary>
    public bool IsTokenEndpointDown { get; set; }

    /// <summary>Answers the request for its keys with 503.</summary>
    public bool AreKeysDown { get; set; }

    /// <summary>How often its keys were asked for.</summary>
    public int KeyReads { get; private set; }

    /// <summary>Names the key from now on.</summary>
    public string KeyId { get; set; } = "id-token-key";

    /// <summary>The key of ID and logout tokens.</summary>
    public SigningCredentials SigningKey => new(new RsaSecurityKey(_rsa) { KeyId = KeyId }, SecurityAlgorithms.RsaSha256);

    /// <summary>Runs while a refresh is under way.</summary>
    public Func<Task> BeforeRefresh { get; set; } = () => Task.CompletedTask;

    public int Refreshes { get; private set; }

    public IQueryCollection? LastAuthorizationRequest { get; private set; }

    public IQueryCollection? LastLogoutRequest { get; private set; }

    public IFormCollection? LastRevocation { get; private set; }

    /// <summary>Everything that must never be seen outside the two servers.</summary>
    public ConcurrentQueue<string> Secrets { get; } = new();

    public static async Task<FakeAuthorizationServer> StartAsync()
    {
        var server = new FakeAuthorizationServer(FreePort.Next());
        await server._app.StartAsync();
        return server;
    }

    public bool Accepts(string accessToken) => _accessTokens.ContainsKey(accessToken);

    /// <summary>Makes the resource refuse the access tokens given so far.</summary>
    public void ForgetAccessTokens() => _accessTokens.Clear();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
        _rsa.Dispose();
    }

    private JsonObject Metadata()
    {
        var metadata = new JsonObject
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = $"{Issuer}/authorize",
            ["token_endpoint"] = $"{Issuer}/token",
            ["jwks_uri"] = $"{Issuer}/jwks",
            ["revocation_endpoint"] = $"{Issuer}/revoke",
            ["end_session_endpoint"] = $"{Issuer}/logout",
            ["code_challenge_methods_supported"] = new JsonArray("S256"),
            ["token_endpoint_auth_methods_supported"] = new JsonArray("none", "private_key_jwt"),
            ["client_id_metadata_document_supported"] = true,
            ["authorization_response_iss_parameter_supported"] = true,
        };
        ChangeMetadata(metadata);
        return metadata;
    }

    private IResult ShowKeys()
    {
        KeyReads++;
        return AreKeysDown ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Json(Keys());
    }

    private JsonObject Keys()
    {
        var key = _rsa.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["kid"] = KeyId,
                ["n"] = Base64UrlEncoder.Encode(key.Modulus),
                ["e"] = Base64UrlEncoder.Encode(key.Exponent),
            }),
        };
    }

    private async Task<IResult> AuthorizeAsync(HttpContext context)
    {
        var request = LastAuthorizationRequest = context.Request.Query;
        var client = JsonNode.Parse(await _http.GetStringAsync(request["client_id"].ToString()))!;
        if (client["client_id"]!.GetValue<string>() != request["client_id"]
            || client["redirect_uris"]!.AsArray().All(uri => uri!.GetValue<string>() != request["redirect_uri"]))
        {
            return Results.BadRequest("The client or its redirect URI is not known.");
        }

        var code = Secret("code");
        _codes[code] = request;
        var response = new Dictionary<string, string?> { ["code"] = code, ["state"] = request["state"], ["iss"] = Issuer };
        ChangeResponse(response);
        return Results.Redirect(QueryHelpers.AddQueryString(request["redirect_uri"].ToString(), response));
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        if (IsTokenEndpointDown)
        {
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        var form = await context.Request.ReadFormAsync();
        if (!await IsAuthenticAsync(form))
        {
            return Error("invalid_client");
        }

        if (form["grant_type"] == "refresh_token")
        {
            Refreshes++;
            await BeforeRefresh();
            return RefreshError is not null ? Error(RefreshError)
                : _refreshTokens.TryRemove(form["refresh_token"].ToString(), out _) ? Tokens(null)
                : Error("invalid_grant");
        }

        return _codes.TryRemove(form["code"].ToString(), out var request) && IsProven(request, form) && form["resource"] == request["resource"]
            ? Tokens(IdToken(request))
            : Error("invalid_grant");
    }

    private async Task<bool> IsAuthenticAsync(IFormCollection form)
    {
        var clientId = form["client_id"].ToString();
        var client = JsonNode.Parse(await _http.GetStringAsync(clientId))!;
        var keys = new JsonWebKeySet(await _http.GetStringAsync(client["jwks_uri"]!.GetValue<string>()));
        var assertion = form["client_assertion"].ToString();
        Secrets.Enqueue(assertion);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(assertion, new TokenValidationParameters
        {
            ValidTypes = ["client-authentication+jwt"],
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidIssuer = clientId,
            ValidAudience = Issuer,
            IssuerSigningKeys = keys.GetSigningKeys(),
        });
        return result.IsValid && result.ClaimsIdentity.HasClaim("sub", clientId) && result.ClaimsIdentity.HasClaim(claim => claim.Type == "jti");
    }

    private bool IsProven(IQueryCollection request, IFormCollection form)
    {
        var verifier = form["code_verifier"].ToString();
        Secrets.Enqueue(verifier);
        return request["code_challenge_method"] == "S256"
            && request["code_challenge"] == Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
    }

    private IResult Tokens(string? idToken)
    {
        var accessToken = Secret("access");
        var refreshToken = Secret("refresh");
        _accessTokens[accessToken] = true;
        _refreshTokens[refreshToken] = true;
        var answer = new JsonObject
        {
            ["access_token"] = accessToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = AccessTokenSeconds,
            ["refresh_token"] = refreshToken,
        };
        if (idToken is not null)
        {
            answer["id_token"] = idToken;
        }

        return Json(answer);
    }

    private string IdToken(IQueryCollection request)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = request["client_id"].ToString(),
            ["sub"] = "person-1",
            ["name"] = "Alice Adams",
            ["sid"] = "session-1",
            ["nonce"] = request["nonce"].ToString(),
            ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            ["exp"] = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds(),
        };
        ChangeIdToken(claims);
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            SigningCredentials = OtherIdTokenKey ?? SigningKey,
        });
        Secrets.Enqueue(token);
        return token;
    }

    private async Task<IResult> RevokeAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        if (!await IsAuthenticAsync(form))
        {
            return Error("invalid_client");
        }

        LastRevocation = form;
        return Results.Ok();
    }

    private IResult Logout(HttpContext context)
    {
        LastLogoutRequest = context.Request.Query;
        return Results.Redirect(QueryHelpers.AddQueryString(
            context.Request.Query["post_logout_redirect_uri"].ToString(), "state", context.Request.Query["state"].ToString()));
    }

    private string Secret(string kind)
    {
        var secret = $"{kind}-{Guid.NewGuid():N}";
        Secrets.Enqueue(secret);
        return secret;
    }

    private static IResult Json(JsonObject document) => Results.Text(document.ToJsonString(), "application/json");

    private static IResult Error(string error) =>
        Results.Text(new JsonObject { ["error"] = error, ["error_description"] = "as the test wants" }.ToJsonString(), "application/json", statusCode: 400);
}
