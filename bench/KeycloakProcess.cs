using System.Net.Http.Json;
using System.Text.Json.Nodes;
using McpAspire.TestKit;

namespace McpAspire.Bench;

/// <summary>The Keycloak of <c>KEYCLOAK_HOME</c> in development mode, with its own database; a realm for each algorithm of access tokens.</summary>
internal sealed class KeycloakProcess(KeycloakServer server) : IAsyncDisposable
{
    internal static async Task<KeycloakProcess> StartAsync() => new(await KeycloakServer.StartAsync());

    /// <summary>Makes a realm whose access tokens are signed by <paramref name="algorithm"/>, with both clients.</summary>
    internal async Task<ITarget> TargetAsync(string algorithm)
    {
        // A refresh token is good for one use there too.
        await server.Admin.CreateRealmAsync(
            new JsonObject
            {
                ["realm"] = algorithm,
                ["enabled"] = true,
                ["defaultSignatureAlgorithm"] = algorithm,
                ["revokeRefreshToken"] = true,
                ["refreshTokenMaxReuse"] = 0,
            },
            CancellationToken.None);
        await server.Admin.CreateClientAsync(algorithm, Client("bench-secret", "client-secret", new JsonObject()), CancellationToken.None);
        await server.Admin.CreateClientAsync(algorithm, Client("bench-key", "client-jwt", new JsonObject
        {
            ["use.jwks.string"] = "true",
            ["jwks.string"] = BenchClient.PublicKeys,
            ["token.endpoint.auth.signing.alg"] = "ES256",
        }), CancellationToken.None);
        await server.Admin.CreateUserAsync(algorithm, "alice", "Alice", "Adams", CancellationToken.None);
        return new Realm(server, algorithm);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static JsonObject Client(string id, string authenticator, JsonObject attributes) => new()
    {
        ["clientId"] = id,
        ["clientAuthenticatorType"] = authenticator,
        ["secret"] = BenchClient.Secret,
        ["publicClient"] = false,
        ["serviceAccountsEnabled"] = true,
        ["directAccessGrantsEnabled"] = true,
        ["attributes"] = attributes,
    };

    private sealed class Realm(KeycloakServer server, string algorithm) : ITarget
    {
        public string Name => $"Keycloak, {algorithm}";

        public string Issuer => server.Issuer(algorithm);

        public Uri TokenEndpoint => new(Issuer + "/protocol/openid-connect/token");

        public IReadOnlyDictionary<string, string> Extra { get; } = new Dictionary<string, string>();

        public BenchClient Client(bool withKey) => new(withKey ? "bench-key" : "bench-secret", Issuer, withKey);

        public TimeSpan CpuTime() => ProcessTime.OfTree(server.ProcessId);

        public TimeSpan HelperTime() => TimeSpan.Zero;

        public async Task<string[]> RefreshTokensAsync(HttpClient http, BenchClient client, int count)
        {
            var tokens = new string[count];
            for (var i = 0; i < count; i++)
            {
                // How the session began makes no difference to a refresh, and this way needs no pages.
                using var content = new FormUrlEncodedContent(client.Form("password", Extra, ("username", "alice"), ("password", "alice")));
                using var answer = await http.PostAsync(TokenEndpoint, content);
                answer.EnsureSuccessStatusCode();
                tokens[i] = (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["refresh_token"]!;
            }

            return tokens;
        }
    }
}
