using System.Net;
using System.Net.Http.Headers;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Tests;

/// <summary>What tokens are for, and what is kept of them.</summary>
public sealed class TokenReachTests(ServiceSurroundings stack) : IClassFixture<ServiceSurroundings>
{
    [Fact]
    public async Task Userinfo_takes_a_token_for_any_resource()
    {
        var flow = stack.Flow();
        var request = flow.Request("openid profile");
        request["resource"] = ServiceSurroundings.OtherResource;
        var tokens = await flow.TokensAsync(request);
        Assert.Equal([ServiceSurroundings.OtherResource], tokens.Access.Audiences);

        using var asked = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        asked.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        var answer = await Answer.OfAsync(await stack.Server.Client.SendAsync(asked, TestContext.Current.CancellationToken));
        Assert.Equal((tokens.Access.Subject, "Alice Adams"), (answer.Text("sub"), answer.Text("name")));
    }

    [Fact]
    public async Task Two_resources_at_the_token_endpoint_are_refused_and_nothing_is_redeemed()
    {
        var flow = stack.Flow();
        var code = flow.CodeRequest(await flow.CodeAsync());
        Assert.Equal("invalid_target", (await WithTwoResourcesAsync(flow, code)).Error);
        var tokens = await flow.TokenAsync(code);
        Assert.Equal(HttpStatusCode.OK, tokens.Status);

        var refresh = Flow.RefreshRequest(tokens.RefreshToken);
        Assert.Equal("invalid_target", (await WithTwoResourcesAsync(flow, refresh)).Error);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(refresh)).Status);
    }

    [Fact]
    public async Task No_access_token_has_a_row_after_a_code_and_a_refresh()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);

        await using var database = TestDatabase.Open(stack.Server.Database);
        var kinds = await database.Tokens.Select(token => token.Type!).Distinct().ToListAsync(TestContext.Current.CancellationToken);
        Assert.Contains(kinds, kind => kind.EndsWith("refresh_token", StringComparison.Ordinal));
        Assert.DoesNotContain(kinds, kind => kind.Contains("access_token", StringComparison.Ordinal) || kind.Contains("id_token", StringComparison.Ordinal));
    }

    private async Task<Answer> WithTwoResourcesAsync(Flow flow, Dictionary<string, string?> request)
    {
        var fields = request.Select(field => KeyValuePair.Create(field.Key, field.Value!)).Concat(
        [
            KeyValuePair.Create("client_id", stack.Client.Id),
            KeyValuePair.Create("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            KeyValuePair.Create("client_assertion", stack.Client.Assertion(flow.Server.Issuer, flow.Server.Time.GetUtcNow())),
            KeyValuePair.Create("resource", RunningAuthServer.Resource),
            KeyValuePair.Create("resource", ServiceSurroundings.OtherResource),
        ]);
        return await Answer.OfAsync(await flow.Server.Client.PostAsync("/connect/token", new FormUrlEncodedContent(fields), TestContext.Current.CancellationToken));
    }
}
