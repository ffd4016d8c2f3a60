using System.Net;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>The steps of a flow of a client with a key, each of which a test can change.</summary>
internal sealed class Flow(IAuthServer server, TestClient client)
{
    internal const string AllScopes = "openid profile email roles mcp:tools notes:write";

    internal IAuthServer Server => server;

    internal TestBrowser Browser { get; } = new(server.Issuer, server.NewHandler());

    internal Pkce Pkce { get; set; } = Pkce.New();

    /// <summary>The same client and browser at another replica.</summary>
    internal Flow At(IAuthServer replica)
    {
        var flow = new Flow(replica, client);
        foreach (var (name, value) in Browser.Cookies)
        {
            flow.Browser.Cookies[name] = value;
        }

        return flow;
    }

    internal Dictionary<string, string?> Request(string scope = AllScopes) => new()
    {
        ["client_id"] = client.Id,
        ["response_type"] = "code",
        ["redirect_uri"] = client.RedirectUri,
        ["scope"] = scope,
        ["state"] = "the-state",
        ["nonce"] = "the-nonce",
        ["code_challenge"] = Pkce.Challenge,
        ["code_challenge_method"] = "S256",
        ["resource"] = RunningAuthServer.Resource,
    };

    internal static string AuthorizeUrl(Dictionary<string, string?> request) =>
        "/connect/authorize?" + string.Join('&', request.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));

    internal Task<Page> AuthorizeAsync(Dictionary<string, string?>? request = null) => Browser.GoAsync(AuthorizeUrl(request ?? Request()));

    internal Task<Page> SignInAsync(Page page, string userName = "alice", string? password = null) =>
        Browser.SubmitAsync(page, new() { ["username"] = userName, ["password"] = password ?? userName });

    internal Task<Page> AllowAsync(Page page) => Browser.SubmitAsync(page, [], ("decision", "allow"));

    /// <summary>From a request to the code: signs in and allows where the pages ask.</summary>
    internal async Task<Page> ToClientAsync(Dictionary<string, string?>? request = null, string userName = "alice") =>
        await FinishAsync(await AuthorizeAsync(request), userName);

    /// <summary>From a page of ours to the client.</summary>
    internal async Task<Page> FinishAsync(Page page, string userName = "alice")
    {
        if (page.Url.AbsolutePath == "/sign-in")
        {
            page = await SignInAsync(page, userName);
        }

        if (page.Html.QuerySelector("[data-testid=allow]") is not null)
        {
            page = await AllowAsync(page);
        }

        return page;
    }

    internal async Task<string> CodeAsync(Dictionary<string, string?>? request = null, string userName = "alice")
    {
        var page = await ToClientAsync(request, userName);
        return page.Query("code") ?? throw new InvalidOperationException($"No code: {page.Status} {page.Url} {page.Text}");
    }

    internal Dictionary<string, string?> CodeRequest(string code) => new()
    {
        ["grant_type"] = "authorization_code",
        ["code"] = code,
        ["redirect_uri"] = client.RedirectUri,
        ["code_verifier"] = Pkce.Verifier,
    };

    internal static Dictionary<string, string?> RefreshRequest(string refreshToken) => new()
    {
        ["grant_type"] = "refresh_token",
        ["refresh_token"] = refreshToken,
    };

    /// <summary>Posts with a new assertion, unless the fields bring one.</summary>
    internal async Task<Answer> PostAsync(string path, Dictionary<string, string?> fields, HttpClient? http = null)
    {
        var all = new Dictionary<string, string?>(fields);
        all.TryAdd("client_id", client.Id);
        all.TryAdd("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        if (!all.ContainsKey("client_assertion"))
        {
            all["client_assertion"] = client.Assertion(server.Issuer, server.Time.GetUtcNow());
        }

        return await Answer.OfAsync(await (http ?? server.Client).PostAsync(
            path, new FormUrlEncodedContent(all.Where(pair => pair.Value is not null)!), TestContext.Current.CancellationToken));
    }

    internal Task<Answer> TokenAsync(Dictionary<string, string?> fields, HttpClient? http = null) => PostAsync("/connect/token", fields, http);

    internal async Task<Answer> TokensAsync(Dictionary<string, string?>? request = null, string userName = "alice")
    {
        var answer = await TokenAsync(CodeRequest(await CodeAsync(request, userName)));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer;
    }
}

/// <summary>A JSON answer of the server.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Json, HttpResponseMessage Response)
{
    internal string? Error => Text("error");

    internal string AccessToken => Text("access_token")!;

    internal string RefreshToken => Text("refresh_token")!;

    internal JsonWebToken Access => new(AccessToken);

    internal JsonWebToken Identity => new(Text("id_token"));

    internal string? Text(string name) => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty(name, out var value) ? value.GetString() : null;

    internal static async Task<Answer> OfAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default, response);
    }
}
