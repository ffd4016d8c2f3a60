using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>A client asks for itself (RFC 6749 §4.4).</summary>
public sealed class ClientCredentialsTests(ServiceSurroundings stack) : IClassFixture<ServiceSurroundings>
{
    [Fact]
    public async Task A_client_gets_a_token_without_person_grant_session_or_refresh_token_and_nothing_is_written()
    {
        var rows = await RowsAsync();
        var answer = await AskAsync();
        Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Error));
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
        Assert.Null(answer.Text("refresh_token"));
        Assert.Null(answer.Text("id_token"));
        var token = answer.Access;
        Assert.Equal(("at+jwt", "ES256"), (token.Typ, token.Alg));
        Assert.Equal(("client:service", "service", "mcp:tools"), (token.Subject, token.GetClaim("client_id").Value, token.GetClaim("scope").Value));
        Assert.Equal([RunningAuthServer.Resource], token.Audiences);
        Assert.Equal(stack.Server.Issuer, token.Issuer);
        Assert.DoesNotContain(token.Claims, claim => claim.Type is "grant_id" or "sid" or "auth_time" or "name" or "roles");
        Assert.Equal(rows, await RowsAsync());
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Token issued to a client for itself: client service"));
    }

    [Theory]
    [InlineData("mcp:tools notes:read", "mcp:tools notes:read")]
    [InlineData("notes:read", "notes:read")]
    public async Task It_gets_the_scopes_that_it_asks_for_and_registered(string scope, string granted) =>
        Assert.Equal(granted, (await AskAsync(("scope", scope))).Access.GetClaim("scope").Value);

    [Theory]
    [InlineData("notes:write")]
    [InlineData("openid")]
    [InlineData("offline_access mcp:tools")]
    [InlineData("profile:read")]
    [InlineData("unknown")]
    public async Task A_scope_that_it_did_not_register_or_that_is_about_a_person_is_refused(string scope) =>
        Assert.Equal("invalid_scope", (await AskAsync(("scope", scope))).Error);

    [Fact]
    public async Task It_may_name_a_known_resource_only()
    {
        Assert.Equal([ServiceSurroundings.OtherResource], (await AskAsync(("resource", "HTTP://localhost:5201/other"))).Access.Audiences);
        Assert.Equal("invalid_target", (await AskAsync(("resource", "http://localhost:5200/unknown"))).Error);
        Assert.Equal("invalid_target", (await AskAsync(("resource", $"{stack.Server.Issuer}/account"))).Error);
    }

    [Fact]
    public async Task Who_does_not_prove_itself_or_is_public_or_did_not_register_the_grant_is_refused()
    {
        var fields = new Dictionary<string, string?> { ["grant_type"] = "client_credentials" };
        var wrong = await AskAsync(("client_secret", "wrong"));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (wrong.Status, wrong.Error));
        Assert.Equal("unauthorized_client", (await stack.TokenAsync("public", fields)).Error);
        Assert.Equal("unauthorized_client", (await stack.TokenAsync(ServiceSurroundings.OtherResourceServer, fields)).Error);
        Assert.Equal("unauthorized_client", (await stack.Flow().TokenAsync(fields)).Error);
    }

    [Fact]
    public async Task Userinfo_has_nothing_for_a_token_without_a_person()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { { "Authorization", $"Bearer {(await AskAsync()).AccessToken}" } } };
        var response = await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("insufficient_scope", response.Headers.WwwAuthenticate.ToString());
    }

    private Task<Answer> AskAsync(params (string Name, string Value)[] fields)
    {
        var all = fields.ToDictionary(field => field.Name, field => (string?)field.Value);
        all["grant_type"] = "client_credentials";
        return stack.TokenAsync(ServiceSurroundings.Service, all);
    }

    private async Task<(int, int)> RowsAsync()
    {
        using var scope = stack.Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        return (await database.Tokens.CountAsync(TestContext.Current.CancellationToken), await database.Grants.CountAsync(TestContext.Current.CancellationToken));
    }
}
