using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.RedirectUris;

namespace McpAspire.AuthServer.Authorize;

/// <summary>What a person should know before they believe an application's name.</summary>
internal static class ConsentWarning
{
    /// <param name="profile">Where the client comes from, and how it proves itself.</param>
    /// <param name="redirectUri">Where the browser will be sent.</param>
    /// <returns>The warning; null where an operator or the client's own host answers for it.</returns>
    internal static string? Of(ClientProfile profile, Uri redirectUri) => (profile, redirectUri) switch
    {
        ({ ProvesItselfWithKey: false }, _) when RedirectUri.StaysOnDevice(redirectUri) =>
            "The application runs on this device and can't prove who it is: any program here could ask like this. Allow it only if you started it yourself, just now.",
        ({ Source: ClientSource.Registered }, _) =>
            "The application registered itself here, and nobody checked its name. Only the address that it sends you to is sure. "
            + "Allow it only if you know that address and started this yourself.",
        ({ ProvesItself: false, Source: ClientSource.MetadataDocument }, _) =>
            "The application did not prove with a key who it is. Allow it only if you started it yourself.",
        _ => null,
    };

    /// <summary>
    /// True where an answer may be remembered: the browser goes to an https URL elsewhere, or the client proves itself with a key.
    /// Else any program on the machine could ask in its name (RFC 8252 §8.6).
    /// </summary>
    internal static bool MayBeRemembered(ClientProfile profile, string redirectUri) =>
        profile.ProvesItselfWithKey || !RedirectUri.StaysOnDevice(new Uri(redirectUri));
}
