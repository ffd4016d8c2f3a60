using System.Net;
using System.Text;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests;

/// <summary>What the server makes can't be guessed: read, changed into another, or found by counting (RFC 6749 §10.10).</summary>
public sealed class GuessingTests(ConfiguredSurroundings stack) : IClassFixture<ConfiguredSurroundings>
{
    /// <summary>160 bits (RFC 6749 §10.10).</summary>
    private const int SecretBytes = 20;

    [Fact]
    public async Task Codes_and_refresh_tokens_show_nothing_and_none_can_be_changed_into_another()
    {
        var flow = stack.Flow();
        var code = await flow.CodeAsync();
        await RefusedAsync(code, changed => flow.TokenAsync(flow.CodeRequest(changed)), "invalid_grant");
        var tokens = await flow.TokenAsync(flow.CodeRequest(code));
        await RefusedAsync(tokens.RefreshToken, changed => flow.TokenAsync(Flow.RefreshRequest(changed)), "invalid_grant");
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
        foreach (var secret in new[] { code, tokens.RefreshToken })
        {
            ShowsNothing(secret, flow.Pkce.Challenge, stack.Client.Id, tokens.Access.Subject, "mcp:tools", RunningAuthServer.Resource);
        }
    }

    [Fact]
    public async Task Device_codes_show_nothing_and_none_can_be_changed_into_another()
    {
        using var device = new DeviceFlow(stack.Server);
        var asked = await device.AskAsync();
        var code = asked.Text("device_code")!;
        await RefusedAsync(code, changed => device.PollAsync(changed), "invalid_grant");
        Assert.Equal("authorization_pending", (await device.PollAsync(code)).Error);
        ShowsNothing(code, ConfiguredSurroundings.DeviceId, "mcp:tools", asked.Text("user_code")!, asked.Text("user_code")!.Replace("-", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secrets_without_content_are_160_random_bits_or_more_and_never_the_same()
    {
        var flow = stack.Flow();
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var round = 0; round < 3; round++)
        {
            var pushed = (await flow.PostAsync("/connect/par", flow.Request("mcp:tools"))).Text("request_uri")!;
            var content = new StringContent("""{"redirect_uris":["https://app.example/cb"]}""", Encoding.UTF8, "application/json");
            var registered = await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/register", content, TestContext.Current.CancellationToken));
            foreach (var secret in new[] { pushed[(pushed.LastIndexOf(':') + 1)..], registered.Text("client_secret")! })
            {
                Assert.InRange(Base64UrlEncoder.DecodeBytes(secret).Length, SecretBytes, int.MaxValue);
                Assert.True(seen.Add(secret));
            }
        }
    }

    /// <summary>Each of its parts with one character changed, in the middle, where all of a character's bits count.</summary>
    private static IEnumerable<string> Changed(string secret)
    {
        var start = 0;
        foreach (var part in secret.Split('.'))
        {
            if (part.Length > 1)
            {
                var place = start + (part.Length / 2);
                yield return string.Concat(secret.AsSpan(0, place), secret[place] == 'A' ? "B" : "A", secret.AsSpan(place + 1));
            }

            start += part.Length + 1;
        }
    }

    private static async Task RefusedAsync(string secret, Func<string, Task<Answer>> use, string error)
    {
        var changes = Changed(secret).ToArray();
        Assert.NotEmpty(changes);
        foreach (var changed in changes)
        {
            Assert.Equal(error, (await use(changed)).Error);
        }
    }

    private static void ShowsNothing(string secret, params string[] hidden)
    {
        var readable = secret + string.Concat(secret.Split('.').Select(part => Encoding.Latin1.GetString(Base64UrlEncoder.DecodeBytes(part))));
        Assert.All(hidden, value => Assert.DoesNotContain(value, readable, StringComparison.Ordinal));
    }
}
