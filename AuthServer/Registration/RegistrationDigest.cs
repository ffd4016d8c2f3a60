using System.Security.Cryptography;
using System.Text.Json;
using McpAspire.AuthServer.Clients;

namespace McpAspire.AuthServer.Registration;

/// <summary>
/// The digest of what a public client's registration comes to, whatever the order and the unknown members in which it
/// was sent: the same program on a thousand machines is one client. One that can prove itself is always another.
/// </summary>
internal static class RegistrationDigest
{
    internal static string? Of(ClientDescriptor client) => client.Profile.ProvesItself ? null : Convert.ToHexString(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            // Where it has no name it is called by its id, which is new each time.
            Name = client.DisplayName == client.ClientId ? null : client.DisplayName,
            client.ApplicationType,
            Redirects = client.ExactRedirectUris.Order(StringComparer.Ordinal),
            AfterLogout = client.PostLogoutRedirectUris.Select(uri => uri.OriginalString).Order(StringComparer.Ordinal),
            Permissions = client.Permissions.Order(StringComparer.Ordinal),
            // Nothing to tell apart any more: who registers is told of no logout. Without them no digest of before would fit.
            client.Profile.BackChannelLogoutUri,
            client.Profile.BackChannelLogoutSessionRequired,
        })));
}
