using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>A client that describes itself in a document on a loopback Kestrel and proves itself with a key, as ClientWeb does.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private readonly WebApplication? _site;

    /// <summary>A client without a document: one that was configured or registers.</summary>
    internal TestClient() : this(null, 1)
    {
    }

    private TestClient(WebApplication? site, int port)
    {
        _site = site;
        Origin = $"http://localhost:{port}";
        Id = $"{Origin}/oauth/client-metadata.json";
        RedirectUri = $"{Origin}/signin/callback";
        Document = new Dictionary<string, object?>
        {
            ["client_id"] = Id,
            ["client_name"] = "Test client",
            ["redirect_uris"] = new[] { RedirectUri },
            ["post_logout_redirect_uris"] = new[] { AfterLogout },
            ["grant_types"] = new[] { "authorization_code", "refresh_token" },
            ["token_endpoint_auth_method"] = "private_key_jwt",
            ["jwks"] = Keys,
        };
    }

    internal string Origin { get; }

    internal string Id { get; set; }

    internal string RedirectUri { get; set; }

    internal string AfterLogout => $"{Origin}/signout/callback";

    /// <summary>What the document says; a test may change it.</summary>
    internal Dictionary<string, object?> Document { get; }

    /// <summary>Answers in place of the document, where a test wants something else.</summary>
    internal Func<HttpContext, Task>? Answer { get; set; }

    internal string BackChannelLogout => $"{Origin}/signout/backchannel";

    /// <summary>The logout tokens that were posted here, oldest first.</summary>
    internal ConcurrentQueue<string> LogoutTokens { get; } = new();

    /// <summary>Answers a logout token, where a test wants another answer than 200.</summary>
    internal Func<HttpContext, Task>? LogoutAnswer { get; set; }

    internal int Requests { get; private set; }

    /// <summary>How often the key set was asked for.</summary>
    internal int KeyRequests { get; private set; }

    /// <summary>Answers in place of the key set, where a test wants something else.</summary>
    internal Func<HttpContext, Task>? KeyAnswer { get; set; }

    internal ECDsaSecurityKey Key { get; set; } = NewKey("one");

    internal object Keys => KeySet(Key);

    internal static object KeySet(ECDsaSecurityKey key)
    {
        var point = key.ECDsa.ExportParameters(false).Q;
        return new { keys = new[] { new { kty = "EC", crv = "P-256", use = "sig", kid = key.KeyId, x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y) } } };
    }

    internal string LogoUri => $"{Origin}/logo";

    /// <summary>Answers what asks for the logo.</summary>
    internal Func<HttpContext, Task>? Logo { get; set; }

    internal static ECDsaSecurityKey NewKey(string kid) => new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = kid };

    internal static async Task<TestClient> StartAsync()
    {
        var port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var site = builder.Build();
        var client = new TestClient(site, port);
        site.MapGet("/oauth/client-metadata.json", context =>
        {
            client.Requests++;
            return client.Answer?.Invoke(context) ?? context.Response.WriteAsJsonAsync(client.Document, JsonSerializerOptions.Web, "application/json");
        });
        site.MapPost("/signout/backchannel", async context =>
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            client.LogoutTokens.Enqueue(form["logout_token"].ToString());
            await (client.LogoutAnswer?.Invoke(context) ?? Task.CompletedTask);
        });
        site.MapGet("/oauth/jwks.json", context =>
        {
            client.KeyRequests++;
            return client.KeyAnswer?.Invoke(context) ?? context.Response.WriteAsJsonAsync(client.Keys);
        });
        site.MapGet("/logo", context => client.Logo?.Invoke(context) ?? Task.CompletedTask);
        await site.StartAsync(TestContext.Current.CancellationToken);
        return client;
    }

    internal string Assertion(string audience, DateTimeOffset now, string type = "client-authentication+jwt", TimeSpan? lifetime = null, string? id = null) =>
        Assertion(Id, Key, audience, now, type, lifetime, id);

    /// <summary>The assertion of a client of that id and key.</summary>
    internal static string Assertion(
        string clientId, ECDsaSecurityKey key, string audience, DateTimeOffset now, string type = "client-authentication+jwt", TimeSpan? lifetime = null, string? id = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = clientId,
            Audience = audience,
            Expires = (now + (lifetime ?? TimeSpan.FromMinutes(5))).UtcDateTime,
            IssuedAt = now.UtcDateTime,
            TokenType = type,
            Claims = new Dictionary<string, object> { ["sub"] = clientId, ["jti"] = id ?? Guid.NewGuid().ToString() },
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256),
        });

    public async ValueTask DisposeAsync()
    {
        Key.ECDsa.Dispose();
        await (_site?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}

/// <summary>A PKCE pair (RFC 7636).</summary>
internal sealed record Pkce(string Verifier, string Challenge)
{
    internal static Pkce New()
    {
        var verifier = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
        return new Pkce(verifier, Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
    }
}
