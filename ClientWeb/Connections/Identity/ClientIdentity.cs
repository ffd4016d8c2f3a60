using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.ClientWeb.Connections.Identity;

/// <summary>
/// Who this application is to authorization servers. Its client id is the URL of the document that describes it
/// (OAuth Client ID Metadata Document), so that no one has to register it.
/// </summary>
internal sealed class ClientIdentity(PublicUrl publicUrl)
{
    public const string MetadataPath = "/oauth/client-metadata.json";
    public const string KeysPath = "/oauth/jwks.json";
    public const string CallbackPath = "/signin/callback";
    public const string SignedOutPath = "/signout/callback";
    public const string BackChannelLogoutPath = "/signout/backchannel";

    public string ClientId { get; } = publicUrl.Of(MetadataPath);

    public string RedirectUri { get; } = publicUrl.Of(CallbackPath);

    public string PostLogoutRedirectUri { get; } = publicUrl.Of(SignedOutPath);

    public string BackChannelLogoutUri { get; } = publicUrl.Of(BackChannelLogoutPath);

    public string KeysUri { get; } = publicUrl.Of(KeysPath);

    public string HomePage { get; } = publicUrl.Value;
}
