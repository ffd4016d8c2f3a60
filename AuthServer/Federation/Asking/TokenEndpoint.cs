using System.Text.Json;
using McpAspire.AuthServer.Federation.Providers;

namespace McpAspire.AuthServer.Federation.Asking;

/// <summary>Asks a provider's token endpoint (RFC 6749 §3.2) and sorts its errors.</summary>
internal sealed class TokenEndpoint(ProviderDirectory directory, ProviderHttp http, ClientProof proof)
{
    /// <summary>Redeems a code or a refresh token.</summary>
    /// <returns>The answer's members.</returns>
    /// <exception cref="ProviderException">It refused, can't be reached, or does not know us.</exception>
    internal async Task<JsonElement> AskAsync(Provider provider, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        var endpoint = provider.GitHub?.Token ?? new Uri((await directory.MetadataOf(provider).GetConfigurationAsync(cancellationToken)).TokenEndpoint);
        var (succeeded, answer) = await PostAsync(provider, endpoint, form, cancellationToken);
        var error = Text(answer, "error");
        if (succeeded && error is null)
        {
            return answer;
        }

        throw error switch
        {
            "invalid_grant" or "bad_verification_code" => new ProviderException(ProviderFault.InvalidGrant, $"{provider.Name} says {error}."),
            "temporarily_unavailable" or "server_error" => new ProviderException(ProviderFault.Unreachable, $"{provider.Name} says {error}."),
            "invalid_client" or "unauthorized_client" or "incorrect_client_credentials" => new ProviderException(
                ProviderFault.Misconfigured,
                $"{provider.Name} does not take us as its client '{provider.ClientId}' ({error}). Check '{ProviderSet.Section}:{provider.Key}:ClientId', "
                + (provider.ClientSecret is null
                    ? "and that the client there knows our keys at /.well-known/jwks (private_key_jwt, ES256)."
                    : "its 'ClientSecret' and 'ClientAuthentication'.")),
            _ => new ProviderException(ProviderFault.Misconfigured, $"{endpoint} refused: {error ?? "no OAuth answer"}."),
        };
    }

    /// <summary>Posts a form as ourselves.</summary>
    internal async Task<(bool Succeeded, JsonElement Answer)> PostAsync(
        Provider provider, Uri endpoint, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Headers.Accept.ParseAdd("application/json");
        proof.AddTo(provider, form, request.Headers);
        request.Content = new FormUrlEncodedContent(form);
        using var response = await http.SendAsync(provider, request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return (response.IsSuccessStatusCode, Parse(text));
    }

    internal static string? Text(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // No OAuth answer; whoever asked says so.
            return default;
        }
    }
}
