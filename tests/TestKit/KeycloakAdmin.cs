using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace McpAspire.TestKit;

/// <summary>The part of Keycloak's admin REST API that tests use. Paths are those below <c>/admin/realms</c>.</summary>
public sealed class KeycloakAdmin : IDisposable
{
    // Tokens of admin-cli live for a minute.
    private static readonly TimeSpan TokenAge = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new();
    private readonly string _url;
    private readonly string _user;
    private readonly string _password;
    private string? _token;
    private long _tokenAt;

    public KeycloakAdmin(string url, string user, string password)
    {
        (_url, _user, _password) = (url, user, password);
    }

    /// <summary>Makes a realm.</summary>
    /// <param name="realm">Its representation, with its name in <c>realm</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task CreateRealmAsync(JsonObject realm, CancellationToken cancellationToken) => PostAsync("", realm, cancellationToken);

    /// <summary>Makes a client and returns its id (not its client_id).</summary>
    /// <param name="realm">The realm's name.</param>
    /// <param name="client">The client's representation.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<string> CreateClientAsync(string realm, JsonObject client, CancellationToken cancellationToken) =>
        PostAsync($"{realm}/clients", client, cancellationToken);

    /// <summary>Makes a client scope and returns its id.</summary>
    /// <param name="realm">The realm's name.</param>
    /// <param name="scope">The scope's representation.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<string> CreateClientScopeAsync(string realm, JsonObject scope, CancellationToken cancellationToken) =>
        PostAsync($"{realm}/client-scopes", scope, cancellationToken);

    /// <summary>Makes a user who can sign in at once, and returns the user's id.</summary>
    /// <param name="realm">The realm's name.</param>
    /// <param name="name">The user's name, also the password.</param>
    /// <param name="firstName">The first name.</param>
    /// <param name="lastName">The last name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<string> CreateUserAsync(string realm, string name, string firstName, string lastName, CancellationToken cancellationToken) =>
        PostAsync($"{realm}/users", new JsonObject
        {
            ["username"] = name,
            ["email"] = $"{name}@example.com",
            ["emailVerified"] = true,
            ["firstName"] = firstName,
            ["lastName"] = lastName,
            ["enabled"] = true,
            ["credentials"] = new JsonArray(new JsonObject { ["type"] = "password", ["value"] = name, ["temporary"] = false }),
        }, cancellationToken);

    /// <summary>The id of a user.</summary>
    /// <param name="realm">The realm's name.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<string> UserIdAsync(string realm, string name, CancellationToken cancellationToken) =>
        (string)(await GetAsync($"{realm}/users?exact=true&username={Uri.EscapeDataString(name)}", cancellationToken))[0]!["id"]!;

    /// <summary>Disables a user, or enables the user again.</summary>
    /// <param name="realm">The realm's name.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="enabled">False to disable.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task SetUserEnabledAsync(string realm, string name, bool enabled, CancellationToken cancellationToken)
    {
        var path = $"{realm}/users/{await UserIdAsync(realm, name, cancellationToken)}";
        var user = await GetAsync(path, cancellationToken);
        user["enabled"] = enabled;
        await PutAsync(path, user, cancellationToken);
    }

    /// <summary>The ids of a user's sessions.</summary>
    /// <param name="realm">The realm's name.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<string>> SessionIdsAsync(string realm, string name, CancellationToken cancellationToken)
    {
        var sessions = await GetAsync($"{realm}/users/{await UserIdAsync(realm, name, cancellationToken)}/sessions", cancellationToken);
        return [.. sessions.AsArray().Select(static session => (string)session!["id"]!)];
    }

    /// <summary>Ends a session, as an administrator does; Keycloak tells the clients of it.</summary>
    /// <param name="realm">The realm's name.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task EndSessionAsync(string realm, string sessionId, CancellationToken cancellationToken) =>
        DeleteAsync($"{realm}/sessions/{sessionId}", cancellationToken);

    /// <summary>Reads.</summary>
    /// <param name="path">What to read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!;
    }

    /// <summary>Makes something and returns its id, the end of its place.</summary>
    /// <param name="path">Where.</param>
    /// <param name="body">What.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<string> PostAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, path, body, cancellationToken);
        return response.Headers.Location?.Segments[^1] ?? "";
    }

    /// <summary>Writes.</summary>
    /// <param name="path">Where.</param>
    /// <param name="body">What; null for a call without a body.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task PutAsync(string path, JsonNode? body, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Put, path, body, cancellationToken)).Dispose();

    /// <summary>Deletes.</summary>
    /// <param name="path">What.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Delete, path, null, cancellationToken)).Dispose();

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    /// <summary>True once it serves realms, and not only its port.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    internal async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri($"{_url}/realms/master/.well-known/openid-configuration"), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"{_url}/admin/realms/{path}".TrimEnd('/'));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(cancellationToken));
        request.Content = body is null ? null : JsonContent.Create(body);
        var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            response.Dispose();
            throw new InvalidOperationException($"Keycloak answered {(int)response.StatusCode} to {method} {path}: {text}");
        }

        return response;
    }

    private async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        if (_token is null || TimeProvider.System.GetElapsedTime(_tokenAt) > TokenAge)
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "password",
                ["client_id"] = "admin-cli",
                ["username"] = _user,
                ["password"] = _password,
            });
            using var response = await _http.PostAsync(new Uri($"{_url}/realms/master/protocol/openid-connect/token"), form, cancellationToken);
            response.EnsureSuccessStatusCode();
            _token = (string)(await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["access_token"]!;
            _tokenAt = TimeProvider.System.GetTimestamp();
        }

        return _token;
    }
}
