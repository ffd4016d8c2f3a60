using System.Net;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

public sealed class FullFlowTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task A_client_with_a_key_gets_tokens_of_the_agreed_shape()
    {
        var flow = stack.Flow();
        var page = await flow.ToClientAsync();
        Assert.StartsWith(stack.Client.RedirectUri, page.Url.ToString());
        Assert.Equal("the-state", page.Query("state"));
        Assert.Equal(stack.Server.Issuer, page.Query("iss"));

        var answer = await flow.TokenAsync(flow.CodeRequest(page.Query("code")!));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json.ToString());
        Assert.Contains("no-store", answer.Response.Headers.CacheControl!.ToString());

        var access = answer.Access;
        Assert.Equal(("at+jwt", "ES256"), (access.Typ, access.Alg));
        Assert.Equal(stack.Server.Issuer, access.Issuer);
        Assert.Equal([RunningAuthServer.Resource], access.Audiences);
        Assert.Equal(stack.Client.Id, access.GetClaim("client_id").Value);
        Assert.Equal("mcp:tools notes:read notes:write openid profile email roles", access.GetClaim("scope").Value);
        Assert.Equal("Alice Adams", access.GetClaim("name").Value);
        Assert.Equal(["user"], access.GetPayloadValue<string[]>("roles"));
        Assert.Equal(TimeSpan.FromMinutes(5), access.ValidTo - access.IssuedAt);
        Assert.All(["sub", "jti", "iat", "exp", "auth_time", "grant_id", "sid"], name => Assert.NotEmpty(access.GetClaim(name).Value));
        Assert.DoesNotContain(access.Claims, claim => claim.Type.StartsWith("oi_", StringComparison.Ordinal) || claim.Type is "email" or "given_in");

        var identity = answer.Identity;
        Assert.Equal("RS256", identity.Alg);
        Assert.Equal("the-nonce", identity.GetClaim("nonce").Value);
        Assert.Equal([stack.Client.Id], identity.Audiences);
        Assert.Equal(access.Subject, identity.Subject);
        Assert.Equal(access.GetClaim("sid").Value, identity.GetClaim("sid").Value);
        Assert.NotEmpty(answer.RefreshToken);
    }
}
