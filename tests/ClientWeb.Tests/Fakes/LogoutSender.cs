using System.Net;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Fakes;

/// <summary>Makes logout tokens for ClientWeb as its authorization server does, and posts them.</summary>
internal sealed class LogoutSender(World world) : IDisposable
{
    public const string Event = "http://schemas.openid.net/event/backchannel-logout";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    /// <summary>A good token for Alice's session, but for what the test changes.</summary>
    public string Token(Action<Dictionary<string, object>>? change = null, string type = "logout+jwt", SigningCredentials? key = null)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = new Dictionary<string, object>
        {
            ["iss"] = world.AuthorizationServer.Issuer,
            ["aud"] = world.ClientWeb.Url + "/oauth/client-metadata.json",
            ["sub"] = "person-1",
            ["sid"] = "session-1",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(2).ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["events"] = new Dictionary<string, object> { [Event] = new Dictionary<string, object>() },
        };
        change?.Invoke(claims);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = type,
            Claims = claims,
            SigningCredentials = key ?? world.AuthorizationServer.SigningKey,
        });
    }

    /// <summary>A good token that names nobody but the person.</summary>
    public string TokenOfSubject(string subject = "person-1") => Token(claims =>
    {
        claims["sub"] = subject;
        claims.Remove("sid");
    });

    /// <summary>A good token that names nothing but the session.</summary>
    public string TokenOfSession(string sessionId = "session-1") => Token(claims =>
    {
        claims["sid"] = sessionId;
        claims.Remove("sub");
    });

    /// <summary>Posts a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="port">The port of another replica.</param>
    public Task<LogoutAnswer> PostAsync(string token, int? port = null) =>
        PostAsync(new FormUrlEncodedContent(new Dictionary<string, string> { ["logout_token"] = token }), port);

    /// <summary>Posts any body.</summary>
    public async Task<LogoutAnswer> PostAsync(HttpContent body, int? port = null)
    {
        var publicUrl = new Uri(world.ClientWeb.Url);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://localhost:{port ?? publicUrl.Port}/signout/backchannel") { Content = body };
        request.Headers.Host = publicUrl.Authority;
        // Servers send none; one that does is not refused for it.
        request.Headers.Add("Origin", "https://as.example");
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var json = text.Length == 0 ? null : JsonNode.Parse(text);
        return new LogoutAnswer(
            response.StatusCode,
            response.Headers.CacheControl?.NoStore is true,
            json?["error"]?.GetValue<string>(),
            json?["error_description"]?.GetValue<string>());
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What ClientWeb answered.</summary>
internal sealed record LogoutAnswer(HttpStatusCode Status, bool IsNotStored, string? Error, string? Description);
