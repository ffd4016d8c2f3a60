using System.Security.Cryptography;
using System.Text.Json;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.SignIn;
using Microsoft.AspNetCore.DataProtection;

namespace McpAspire.AuthServer.Devices;

/// <summary>
/// Carries a typed code through the sign-in in a cookie, with when its page was opened, and ties the form that asks for
/// consent to it and to the session. Neither a code nor anything of it stands in a URL of these pages.
/// </summary>
internal sealed class DeviceTicket(IDataProtectionProvider protection, DeviceOptions options)
{
    internal const string CookieName = "__Host-authserver-device";

    private readonly ITimeLimitedDataProtector _openings = protection.CreateProtector("device-opening").ToTimeLimitedDataProtector();
    private readonly TicketCookie<TypedCode> _codes = new(protection, CookieName, "device-code", options.CodeLifetime);
    private readonly ITimeLimitedDataProtector _questions = protection.CreateProtector("device-question").ToTimeLimitedDataProtector();

    /// <summary>For the page's form: when it was opened.</summary>
    internal string ProtectOpening(DateTimeOffset openedAt) => Protect(_openings, openedAt);

    internal DateTimeOffset? ReadOpening(string? value) => Read<DateTimeOffset?>(_openings, value);

    internal string ProtectQuestion(DeviceQuestion question) => Protect(_questions, question);

    internal DeviceQuestion? ReadQuestion(string? value) => Read<DeviceQuestion>(_questions, value);

    internal void Write(HttpContext context, TypedCode typed) => _codes.Write(context, typed);

    internal TypedCode? Read(HttpContext context) => _codes.Read(context);

    internal void Delete(HttpContext context) => _codes.Delete(context);

    private string Protect<T>(ITimeLimitedDataProtector protector, T value) => protector.Protect(JsonSerializer.Serialize(value), options.CodeLifetime);

    private static T? Read<T>(ITimeLimitedDataProtector protector, string? value)
    {
        try
        {
            return string.IsNullOrEmpty(value) ? default : JsonSerializer.Deserialize<T>(protector.Unprotect(value));
        }
        catch (CryptographicException)
        {
            return default;
        }
    }
}

/// <summary>A code that a person typed.</summary>
/// <param name="Code">The code.</param>
/// <param name="OpenedAt">When the page was opened on which they typed it: they must sign in after that.</param>
internal sealed record TypedCode(string Code, DateTimeOffset OpenedAt);

/// <summary>What the consent form of a device asks, for which code and in which session.</summary>
internal sealed record DeviceQuestion(string Code, string SessionId, ConsentRequest Request);
