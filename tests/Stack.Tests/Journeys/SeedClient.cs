using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>What the client of docs/seed-client does: authorization code with PKCE for a public client, refresh, calls.</summary>
internal sealed class SeedClient(RunningStack stack) : IDisposable
{
    private const string Callback = "http://localhost:8000/auth/callback";

    private readonly HttpClient _http = new();
    private readonly string _verifier = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    internal string AccessToken { get; private set; } = "";

    internal string RefreshToken { get; private set; } = "";

    /// <summary>Where the browser begins.</summary>
    internal string AuthorizeUrl(string scope) => QueryHelpers.AddQueryString($"{stack.AuthServer}/connect/authorize", new Dictionary<string, string?>
    {
        ["response_type"] = "code",
        ["client_id"] = "seed-client",
        ["redirect_uri"] = Callback,
        ["scope"] = scope,
        ["state"] = "a-state",
        ["resource"] = $"{stack.McpServer}/mcp",
        ["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(_verifier))),
        ["code_challenge_method"] = "S256",
    });

    /// <summary>Once the person allowed it in the window, takes the code from there and redeems it.</summary>
    internal async Task RedeemAsync(Window window, CancellationToken cancellationToken)
    {
        await Eventually.BeTrueAsync(() => Task.FromResult(window.Urls.Any(IsAnswer)), "the browser is sent back", cancellationToken: cancellationToken);
        var answer = QueryHelpers.ParseQuery(new Uri(window.Urls.Last(IsAnswer)).Query);
        Assert.Equal(stack.AuthServer, answer["iss"]);

        var (status, json) = await TokenAsync(
            new() { ["grant_type"] = "authorization_code", ["code"] = answer["code"]!, ["redirect_uri"] = Callback, ["code_verifier"] = _verifier },
            cancellationToken);
        Assert.Equal(HttpStatusCode.OK, status);
        Keep(json);

        static bool IsAnswer(string seen) => seen.StartsWith(Callback + "?", StringComparison.Ordinal);
    }

    /// <summary>Refreshes.</summary>
    /// <returns>Null where new tokens came, else the error.</returns>
    internal async Task<string?> RefreshAsync(CancellationToken cancellationToken)
    {
        var (status, json) = await TokenAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = RefreshToken }, cancellationToken);
        if (status != HttpStatusCode.OK)
        {
            return json.GetProperty("error").GetString();
        }

        Keep(json);
        return null;
    }

    /// <summary>Calls secure_echo.</summary>
    internal async Task<HttpStatusCode> CallAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{stack.McpServer}/tools/secure_echo"))
        {
            Content = JsonContent.Create(new { message = "Hello" }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", AccessToken) },
        };
        using var response = await _http.SendAsync(request, cancellationToken);
        return response.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, JsonElement Json)> TokenAsync(Dictionary<string, string> fields, CancellationToken cancellationToken)
    {
        fields["client_id"] = "seed-client";
        using var form = new FormUrlEncodedContent(fields);
        using var response = await _http.PostAsync(new Uri($"{stack.AuthServer}/connect/token"), form, cancellationToken);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken));
    }

    private void Keep(JsonElement json)
    {
        AccessToken = json.GetProperty("access_token").GetString()!;
        RefreshToken = json.GetProperty("refresh_token").GetString()!;
    }
}
