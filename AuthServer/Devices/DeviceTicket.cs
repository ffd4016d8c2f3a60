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

    private readonly Ticket<Opening> _openings = new(protection, "device-opening", options.CodeLifetime);
    private readonly TicketCookie<TypedCode> _codes = new(protection, CookieName, "device-code", options.CodeLifetime);
    private readonly Ticket<DeviceQuestion> _questions = new(protection, "device-question", options.CodeLifetime);

    /// <summary>For the page's form: when it was opened.</summary>
    internal string ProtectOpening(DateTimeOffset openedAt) => _openings.Protect(new Opening(openedAt));

    internal DateTimeOffset? ReadOpening(string? value) => _openings.Read(value)?.At;

    internal string ProtectQuestion(DeviceQuestion question) => _questions.Protect(question);

    internal DeviceQuestion? ReadQuestion(string? value) => _questions.Read(value);

    internal void Write(HttpContext context, TypedCode typed) => _codes.Write(context, typed);

    internal TypedCode? Read(HttpContext context) => _codes.Read(context);

    internal void Delete(HttpContext context) => _codes.Delete(context);

    private sealed record Opening(DateTimeOffset At);
}

/// <summary>A code that a person typed.</summary>
/// <param name="Code">The code.</param>
/// <param name="OpenedAt">When the page was opened on which they typed it: they must sign in after that.</param>
internal sealed record TypedCode(string Code, DateTimeOffset OpenedAt);

/// <summary>What the consent form of a device asks, for which code and in which session.</summary>
internal sealed record DeviceQuestion(string Code, string SessionId, ConsentRequest Request);
