using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace McpAspire.AuthServer.Federation.Linking;

/// <summary>A session's wish to link a provider.</summary>
internal sealed record LinkRequest(string SessionId, string Provider);

/// <summary>Carries the wish from the form, which proves that the person made it, to the link that leaves for the provider.</summary>
internal sealed class LinkTicket(IDataProtectionProvider protection)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("link-provider").ToTimeLimitedDataProtector();

    internal string Write(LinkRequest request) => _protector.Protect(JsonSerializer.Serialize(request), Lifetime);

    /// <summary>The wish, or null where the ticket is not ours or too old.</summary>
    internal LinkRequest? Read(string ticket)
    {
        try
        {
            return JsonSerializer.Deserialize<LinkRequest>(_protector.Unprotect(ticket));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
