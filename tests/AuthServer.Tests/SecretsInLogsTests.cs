using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

public sealed class SecretsInLogsTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task No_code_token_assertion_or_password_reaches_the_logs_at_any_level()
    {
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync();
        page = await flow.SignInAsync(page, "alice", "wrong-secret-password");
        page = await flow.SignInAsync(page);
        page = await flow.AllowAsync(page);
        var code = page.Query("code")!;

        var secrets = new List<string?> { code, flow.Pkce.Verifier, "wrong-secret-password" };
        var request = flow.CodeRequest(code);
        request["client_assertion"] = stack.Client.Assertion(stack.Server.Issuer, stack.Server.Time.GetUtcNow());
        secrets.Add(request["client_assertion"]);
        var tokens = await flow.TokenAsync(request);
        secrets.AddRange([tokens.AccessToken, tokens.RefreshToken, tokens.Text("id_token")]);
        var refreshed = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        secrets.AddRange([refreshed.AccessToken, refreshed.RefreshToken]);
        secrets.AddRange(flow.Browser.Cookies.Values);
        await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        await flow.TokenAsync(request);
        await flow.PostAsync("/connect/revoke", new() { ["token"] = refreshed.RefreshToken });
        await stack.Server.Client.GetAsync($"/connect/userinfo?access_token={refreshed.AccessToken}", TestContext.Current.CancellationToken);

        var lines = stack.Server.Logs.Lines;
        Assert.True(lines.Count > 500, "the capture works at Trace");
        foreach (var secret in secrets)
        {
            Assert.False(string.IsNullOrEmpty(secret));
            Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.Ordinal));
            // A signature alone would be enough to make a token whole again.
            var last = secret.Split('.')[^1];
            Assert.DoesNotContain(lines, line => line.Contains(last, StringComparison.Ordinal));
        }

        Assert.Contains(lines, line => line.Contains("Signed in: account"));
        Assert.Contains(lines, line => line.Contains("Consent given"));
        Assert.Contains(lines, line => line.Contains("Tokens issued by refresh_token"));
        Assert.Contains(lines, line => line.Contains("Grant ended"));
    }
}
