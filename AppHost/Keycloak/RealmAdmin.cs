using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace McpAspire.AppHost.Keycloak;

/// <summary>The few calls of Keycloak's admin API that a start of the stack needs.</summary>
internal sealed class RealmAdmin(HttpClient http, Uri keycloak)
{
    private Uri Realm => new(keycloak, $"/admin/realms/{RealmFile.Realm}");

    /// <summary>Signs in as the administrator.</summary>
    /// <returns>False where Keycloak does not take this name and password.</returns>
    /// <exception cref="HttpRequestException">Keycloak does not answer.</exception>
    internal async Task<bool> SignInAsync(string name, string password, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "admin-cli",
            ["username"] = name,
            ["password"] = password,
        });
        using var answer = await http.PostAsync(new Uri(keycloak, "/realms/master/protocol/openid-connect/token"), form, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest)
        {
            return false;
        }

        var tokens = await ReadAsync(answer, cancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens["access_token"]!.GetValue<string>());
        return true;
    }

    /// <summary>The realm with its roles and clients, in the form of a realm file.</summary>
    /// <exception cref="HttpRequestException">Keycloak refuses: status 404 where there is no such realm.</exception>
    internal async Task<JsonObject> ExportAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsync(
            new Uri($"{Realm}/partial-export?exportClients=true&exportGroupsAndRoles=true"), content: null, cancellationToken);
        return await ReadAsync(answer, cancellationToken);
    }

    /// <summary>Writes the members of a client that are given here, and leaves the others as they are.</summary>
    /// <exception cref="HttpRequestException">Keycloak refuses.</exception>
    internal async Task UpdateClientAsync(string clientId, JsonObject changes, CancellationToken cancellationToken)
    {
        var found = await http.GetFromJsonAsync<JsonArray>(
            new Uri($"{Realm}/clients?clientId={Uri.EscapeDataString(clientId)}"), cancellationToken);
        var client = found![0]!.AsObject();
        Merge(client, changes);
        using var answer = await http.PutAsJsonAsync(new Uri($"{Realm}/clients/{client["id"]}"), client, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static void Merge(JsonObject target, JsonObject changes)
    {
        foreach (var (name, value) in changes)
        {
            if (value is JsonObject inner && target[name] is JsonObject existing)
            {
                Merge(existing, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!;
    }
}
