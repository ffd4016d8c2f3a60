using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using McpAspire.TestKit;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Tests.KeycloakDirectly;

/// <summary>A realm made of the JSON in docs/keycloak-directly.md, and its client.</summary>
internal sealed partial class KeycloakRealm
{
    private const string RedirectUri = "http://127.0.0.1:43117/callback";

    private readonly KeycloakServer _keycloak;
    private readonly string _name;
    private readonly string _clientId;
    private readonly string _resource;

    private KeycloakRealm(KeycloakServer keycloak, string name, string clientId, string resource) =>
        (_keycloak, _name, _clientId, _resource) = (keycloak, name, clientId, resource);

    public string Issuer => _keycloak.Issuer(_name);

    /// <summary>Does what the page says, and makes alice.</summary>
    /// <param name="keycloak">Where.</param>
    /// <param name="resource">The resource identifier of McpServer in this test, in the place of the page's.</param>
    /// <param name="name">The realm's name.</param>
    /// <param name="changeScope">Spoils the client scope.</param>
    /// <param name="changeClient">Spoils the client.</param>
    public static async Task<KeycloakRealm> CreateAsync(
        KeycloakServer keycloak, string resource, string name, Action<JsonObject>? changeScope = null, Action<JsonObject>? changeClient = null)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "keycloak-directly.md"));
        var blocks = JsonBlock().Matches(page)
            .Select(block => JsonNode.Parse(block.Groups[1].Value.Replace("http://localhost:5200/mcp", resource, StringComparison.Ordinal))!.AsObject())
            .ToArray();
        Assert.Equal(3, blocks.Length);
        var (realm, scope, client) = (blocks[0], blocks[1], blocks[2]);
        realm["realm"] = name;
        changeScope?.Invoke(scope);
        changeClient?.Invoke(client);

        var stop = TestContext.Current.CancellationToken;
        await keycloak.Admin.CreateRealmAsync(realm, stop);
        await keycloak.Admin.CreateClientScopeAsync(name, scope, stop);
        await keycloak.Admin.CreateClientAsync(name, client, stop);
        await keycloak.Admin.CreateUserAsync(name, "alice", "Alice", "Adams", stop);
        return new KeycloakRealm(keycloak, name, (string)client["clientId"]!, resource);
    }

    /// <summary>Alice signs in on Keycloak's own page; the client redeems the code.</summary>
    /// <param name="scope">What the client asks for.</param>
    /// <returns>The answer of the token endpoint.</returns>
    public async Task<JsonNode> SignInAsync(string scope)
    {
        var stop = TestContext.Current.CancellationToken;
        var verifier = Base64UrlEncoder.Encode(Guid.NewGuid().ToByteArray().Concat(Guid.NewGuid().ToByteArray()).ToArray());
        var challenge = Base64UrlEncoder.Encode(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
        var query = HttpUtility.ParseQueryString("");
        query["response_type"] = "code";
        query["client_id"] = _clientId;
        query["redirect_uri"] = RedirectUri;
        query["scope"] = scope;
        query["state"] = "xyz";
        query["resource"] = _resource;
        query["code_challenge"] = challenge;
        query["code_challenge_method"] = "S256";

        using var browser = new KeycloakLoginPage();
        var callback = await browser.SignInAsync(new Uri($"{Issuer}/protocol/openid-connect/auth?{query}"), "alice", "alice", stop);
        var answer = HttpUtility.ParseQueryString(callback.Query);
        Assert.Equal("xyz", answer["state"]);
        Assert.Equal(Issuer, answer["iss"]);

        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = _clientId,
            ["redirect_uri"] = RedirectUri,
            ["code"] = answer["code"]!,
            ["code_verifier"] = verifier,
            ["resource"] = _resource,
        });
        using var response = await http.PostAsync(new Uri($"{Issuer}/protocol/openid-connect/token"), form, stop);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(stop))!;
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
