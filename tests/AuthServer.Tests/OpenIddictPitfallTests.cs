using System.Net;
using System.Security.Cryptography;
using System.Text;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests;

/// <summary>Where OpenIddict as it comes does otherwise than this service must; docs/clauses.md lists all of them.</summary>
public sealed class OpenIddictPitfallTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task A_resource_without_a_path_is_the_audience_as_it_is_configured_through_the_whole_flow()
    {
        const string resource = "https://mcp.example.com";
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings: ("Resources:0:Uri", resource));
        foreach (var spelling in new[] { resource, resource + "/", "HTTPS://MCP.example.com:443", null })
        {
            var flow = new Flow(server, stack.Client);
            var request = flow.Request();
            request["resource"] = spelling;
            var code = flow.CodeRequest(await flow.CodeAsync(request));
            code["resource"] = spelling;
            var tokens = await flow.TokenAsync(code);
            Assert.Equal([resource], tokens.Access.Audiences);

            var refresh = Flow.RefreshRequest(tokens.RefreshToken);
            refresh["resource"] = spelling;
            Assert.Equal([resource], (await flow.TokenAsync(refresh)).Access.Audiences);
        }
    }

    [Fact]
    public async Task An_assertion_without_typ_is_taken()
    {
        var flow = stack.Flow();
        var request = flow.CodeRequest(await flow.CodeAsync());
        var claims = stack.Client.Assertion(stack.Server.Issuer, stack.Server.Time.GetUtcNow()).Split('.')[1];
        var signed = $"{Base64UrlEncoder.Encode("""{"alg":"ES256","kid":"one"}""")}.{claims}";
        var signature = stack.Client.Key.ECDsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        request["client_assertion"] = $"{signed}.{Base64UrlEncoder.Encode(signature)}";
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(request)).Status);
    }

    [Fact]
    public async Task A_remembered_consent_survives_a_replay_that_ends_the_grant()
    {
        await using var client = await TestClient.StartAsync();
        var flow = new Flow(stack.Server, client);
        var code = flow.CodeRequest(await flow.CodeAsync(flow.Request("mcp:tools openid")));
        var tokens = await flow.TokenAsync(code);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(code)).Error);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);

        var again = await flow.AuthorizeAsync(flow.Request("mcp:tools openid"));
        Assert.NotNull(again.Query("code"));
        var anew = await flow.TokenAsync(flow.CodeRequest(again.Query("code")!));
        Assert.NotEqual(tokens.Access.GetClaim("grant_id").Value, anew.Access.GetClaim("grant_id").Value);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(AuthDbContext.ClientIdLength)]
    public async Task A_client_id_of_up_to_450_characters_goes_through_the_whole_flow(int length)
    {
        await using var client = await WithIdOfAsync(length);
        var flow = new Flow(stack.Server, client);
        var tokens = await flow.TokensAsync();
        Assert.Equal(client.Id, tokens.Access.GetClaim("client_id").Value);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    [Fact]
    public async Task A_client_id_of_451_characters_is_refused_before_anything_is_asked_or_stored()
    {
        await using var client = await WithIdOfAsync(AuthDbContext.ClientIdLength + 1);
        var page = await new Flow(stack.Server, client).AuthorizeAsync();
        Assert.StartsWith("invalid_request: The parameter 'client_id' is long", page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent);
        Assert.Equal(0, client.Requests);
    }

    [Fact]
    public async Task The_service_itself_removes_what_has_expired_once_an_hour()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString);
        await new Flow(server, stack.Client).CodeAsync();
        using var scope = server.Scope();
        var tokens = scope.ServiceProvider.GetRequiredService<AuthDbContext>().Tokens;
        server.Time.Advance(TimeSpan.FromMinutes(59));
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        Assert.True(await tokens.AnyAsync(TestContext.Current.CancellationToken));

        server.Time.Advance(TimeSpan.FromMinutes(6));
        await Eventually.BeTrueAsync(
            async () => !await tokens.AnyAsync(TestContext.Current.CancellationToken), "nothing is left", cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>A client whose id has that many characters.</summary>
    private static async Task<TestClient> WithIdOfAsync(int length)
    {
        var client = await TestClient.StartAsync();
        var start = client.Id + "?long=";
        client.Id = start + new string('x', length - start.Length);
        client.Document["client_id"] = client.Id;
        return client;
    }
}
