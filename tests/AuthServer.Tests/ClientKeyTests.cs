using System.Net;
using System.Text.Json;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace McpAspire.AuthServer.Tests;

/// <summary>What a client's <c>jwks_uri</c> answers: only a good key set proves anything, and only that is kept.</summary>
public sealed class ClientKeyTests(Surroundings stack) : IClassFixture<Surroundings>, IAsyncLifetime
{
    private TestClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _client = await TestClient.StartAsync();
        _client.Document.Remove("jwks");
        _client.Document["jwks_uri"] = $"{_client.Origin}/oauth/jwks.json";
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData(404, "application/json", "{}", "did not answer 200")]
    [InlineData(500, "application/json", "{}", "did not answer 200")]
    [InlineData(204, "application/json", "", "did not answer 200")]
    [InlineData(302, "application/json", "", "did not answer 200, without a redirect")]
    [InlineData(200, "text/html", "the keys", "not application/json by its content type")]
    [InlineData(200, "application/json", "", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "{", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "null", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "[]", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "{\"keys\":7}", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "{\"keys\":[]}", "1 to 20 public keys")]
    [InlineData(200, "application/json", "{}", "1 to 20 public keys")]
    [InlineData(200, "application/json", "{\"keys\":[null]}", "1 to 20 public keys")]
    [InlineData(200, "application/json", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", "1 to 20 public keys")]
    [InlineData(200, "application/json", "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}", "RSA or EC key")]
    [InlineData(200, "application/json", "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", "RSA or EC key")]
    public async Task A_bad_answer_is_refused_with_what_is_wrong_and_its_repair_taken_at_once(int status, string mediaType, string body, string says)
    {
        _client.KeyAnswer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = mediaType;
            context.Response.Headers.Location = "/oauth/client-metadata.json";
            context.Response.Headers.CacheControl = "max-age=86400";
            return status is 204 or 302 ? Task.CompletedTask : context.Response.WriteAsync(body);
        };
        await RefusedAsync(says);
        await RefusedAsync(says);
        Assert.Equal(2, _client.KeyRequests);

        _client.KeyAnswer = null;
        await TakenAsync();
    }

    [Fact]
    public async Task A_set_of_more_than_32_KB_is_refused_and_one_of_20_keys_taken_and_21_refused()
    {
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(new { padding = new string('x', 32 * 1024) });
        await RefusedAsync("larger than 32768 bytes");
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(Times(21));
        await RefusedAsync("1 to 20 public keys");
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(Times(20));
        await TakenAsync();
    }

    [Fact]
    public async Task With_which_status_its_server_refuses_is_for_the_log_alone()
    {
        _client.KeyAnswer = context => { context.Response.StatusCode = 418; return Task.CompletedTask; };
        Assert.DoesNotContain("418", (await ProveAsync()).Text("error_description"));
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains($"{_client.Origin}/oauth/jwks.json answered 418", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_good_set_is_kept_and_a_bad_answer_for_an_unknown_key_does_not_take_its_place()
    {
        await TakenAsync();
        var own = _client.Key;
        _client.KeyAnswer = context => { context.Response.StatusCode = 500; return Task.CompletedTask; };
        _client.Key = TestClient.NewKey("unknown");
        await RefusedAsync("did not answer 200");
        _client.Key = own;
        await TakenAsync();
        Assert.Equal(2, _client.KeyRequests);
    }

    private object Times(int count)
    {
        var key = JsonSerializer.SerializeToElement(_client.Keys).GetProperty("keys")[0];
        return new { keys = Enumerable.Repeat(key, count) };
    }

    private async Task RefusedAsync(string says)
    {
        var answer = await ProveAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
        Assert.Contains(says, answer.Text("error_description"));
    }

    /// <summary>The key is taken: what is wrong is only the code.</summary>
    private async Task TakenAsync() => Assert.Equal("invalid_grant", (await ProveAsync()).Error);

    private Task<Answer> ProveAsync()
    {
        var flow = new Flow(stack.Server, _client);
        return flow.TokenAsync(flow.CodeRequest("none"));
    }
}
