using System.Net.Http.Headers;
using System.Text;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

public sealed class ClientSecretsInLogsTests(ConfiguredSurroundings stack) : IClassFixture<ConfiguredSurroundings>
{
    private const string Wrong = "a wrong secret, which is perhaps another's";

    [Fact]
    public async Task No_secret_of_a_client_and_no_stored_request_reaches_the_logs_at_any_level()
    {
        var flow = stack.Flow();
        List<string> secrets = [ConfiguredSurroundings.Secret, Wrong, Basic(ConfiguredSurroundings.Secret), Basic(Wrong)];
        foreach (var path in new[] { "/connect/token", "/connect/par", "/connect/introspect", "/connect/revoke" })
        {
            foreach (var secret in new[] { ConfiguredSurroundings.Secret, Wrong })
            {
                var request = ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PushingId, "mcp:tools");
                request["grant_type"] = "client_credentials";
                request["token"] = "a token that nobody knows";
                await SendAsync(path, request, basic: secret);
                request["client_secret"] = secret;
                var answer = await SendAsync(path, request, basic: null);
                if (answer.Text("request_uri") is { } stored)
                {
                    secrets.Add(stored);
                    await flow.AuthorizeAsync(new() { ["client_id"] = ConfiguredSurroundings.PushingId, ["request_uri"] = stored });
                }
            }
        }

        Assert.Equal(5, secrets.Count);
        var lines = stack.Server.Logs.Lines;
        Assert.Contains(lines, line => line.Contains(ConfiguredSurroundings.PushingId, StringComparison.Ordinal));
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static string Basic(string secret) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes($"{ConfiguredSurroundings.PushingId}:{Uri.EscapeDataString(secret)}"));

    private async Task<Answer> SendAsync(string path, Dictionary<string, string?> fields, string? basic)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Where(field => basic is null || field.Key != "client_id")!),
            Headers = { Authorization = basic is null ? null : new AuthenticationHeaderValue("Basic", Basic(basic)) },
        };
        return await Answer.OfAsync(await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken));
    }
}
