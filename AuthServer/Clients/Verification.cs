using McpAspire.AuthServer.Clients.RedirectUris;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Who answers for an application: a person sees it on a line of its own, since a name is the client's own and can say
/// anything, a host too.
/// </summary>
/// <param name="Host">The host of its id, in ASCII, where it describes itself in a document there; null for all others.</param>
/// <param name="IsConfigured">True where an operator of this service set it up.</param>
public sealed record Verification(string? Host, bool IsConfigured)
{
    /// <param name="profile">Where the client comes from; null where it is gone.</param>
    /// <param name="clientId">Its id.</param>
    internal static Verification Of(ClientProfile? profile, string clientId) => new(
        profile?.Source == ClientSource.MetadataDocument ? RedirectUri.ShownAuthority(new Uri(clientId)) : null,
        profile?.Source == ClientSource.Configured);
}
