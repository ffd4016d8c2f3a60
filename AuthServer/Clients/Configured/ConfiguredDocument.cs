using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpAspire.AuthServer.Clients.Documents;

namespace McpAspire.AuthServer.Clients.Configured;

/// <summary>
/// A client ID metadata document that the operator brings in (<c>Clients:N:Document</c>): the path of a file, or the
/// document itself. Such a client's URL is never asked.
/// </summary>
internal sealed class ConfiguredDocument(ClientRegistration registration, DocumentAddress addresses, IHostEnvironment environment)
{
    internal const string Setting = "Document";

    /// <exception cref="ClientRefusedException">It can't be used; the message says what to change.</exception>
    internal ClientDescriptor Describe(ClientOptions options, IConfigurationSection section)
    {
        addresses.Check(options.ClientId);
        if (!section.Exists())
        {
            throw new ClientRefusedException("a 'ClientId' that is a URL means a client ID metadata document. Choose another id, or set 'Document' to a file with the document.");
        }

        if (options.Secret is not null || options.Jwks is not null || options.JwksUri is not null || options.RedirectUris.Count > 0 || options.GrantTypes.Count > 0
            || options.Scope is not null || options.Name is not null || options.PostLogoutRedirectUris.Count > 0 || options.BackChannelLogoutUri is not null
            || options.BackChannelLogoutSessionRequired || options.Native)
        {
            throw new ClientRefusedException("beside 'Document' only 'ClientId', 'Resources' and 'RequirePushed' may stand: the document says the rest.");
        }

        var metadata = ClientMetadata.Parse(Read(section), "'Document'");
        return string.Equals(metadata.ClientId, options.ClientId, StringComparison.Ordinal)
            ? registration.Describe(metadata, options.ClientId, RegistrationTerms.ConfiguredDocument)
            : throw new ClientRefusedException("the client_id in its 'Document' is not its 'ClientId'.");
    }

    private byte[] Read(IConfigurationSection section)
    {
        if (section.GetChildren().Any())
        {
            return JsonSerializer.SerializeToUtf8Bytes(Node(section));
        }

        var path = section.Value ?? string.Empty;
        try
        {
            return File.ReadAllBytes(Path.Combine(environment.ContentRootPath, path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ClientRefusedException($"the file '{path}' of its 'Document' can't be read: {exception.Message}");
        }
    }

    /// <summary>Configuration knows texts only, and lists by their indices.</summary>
    private static JsonNode? Node(IConfigurationSection section)
    {
        var children = section.GetChildren().ToArray();
        if (children.Length == 0)
        {
            return bool.TryParse(section.Value, out var truth) ? JsonValue.Create(truth) : JsonValue.Create(section.Value);
        }

        return children.All(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? new JsonArray([.. children.OrderBy(child => int.Parse(child.Key, CultureInfo.InvariantCulture)).Select(Node)])
            : new JsonObject(children.Select(child => KeyValuePair.Create(child.Key, Node(child))));
    }
}
