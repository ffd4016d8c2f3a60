using Microsoft.AspNetCore.DataProtection;

namespace McpAspire.AuthServer.SignIn;

/// <summary>A <see cref="Ticket{T}"/> in a cookie, which goes from one page of ours to another.</summary>
/// <param name="protection">Encrypts it.</param>
/// <param name="name">The cookie's name.</param>
/// <param name="purpose">What it is for: no other value of ours is taken for it.</param>
/// <param name="lifetime">How long it is good.</param>
internal sealed class TicketCookie<T>(IDataProtectionProvider protection, string name, string purpose, TimeSpan lifetime)
    where T : class
{
    private readonly Ticket<T> _ticket = new(protection, purpose, lifetime);

    internal void Write(HttpContext context, T value) =>
        context.Response.Cookies.Append(name, _ticket.Protect(value), PageCookie.Options(lifetime));

    /// <inheritdoc cref="Ticket{T}.Read"/>
    internal T? Read(HttpContext context) => _ticket.Read(context.Request.Cookies[name]);

    internal void Delete(HttpContext context) => context.Response.Cookies.Delete(name, PageCookie.Options(null));
}
