using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace McpAspire.AuthServer.SignIn;

/// <summary>A value of ours that a browser carries through a sign-in, encrypted.</summary>
/// <param name="protection">Encrypts it.</param>
/// <param name="name">The cookie's name.</param>
/// <param name="purpose">What it is for: no other value of ours is taken for it.</param>
/// <param name="lifetime">How long it is good.</param>
internal sealed class TicketCookie<T>(IDataProtectionProvider protection, string name, string purpose, TimeSpan lifetime)
    where T : class
{
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector(purpose).ToTimeLimitedDataProtector();

    internal void Write(HttpContext context, T value) =>
        context.Response.Cookies.Append(name, _protector.Protect(JsonSerializer.Serialize(value), lifetime), PageCookie.Options(lifetime));

    /// <summary>The value; null where there is none, or it is not ours or too old.</summary>
    internal T? Read(HttpContext context)
    {
        try
        {
            return context.Request.Cookies[name] is { Length: > 0 } cookie ? JsonSerializer.Deserialize<T>(_protector.Unprotect(cookie)) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    internal void Delete(HttpContext context) => context.Response.Cookies.Delete(name, PageCookie.Options(null));
}
