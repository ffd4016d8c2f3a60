using McpAspire.AuthServer.SignIn;
using Microsoft.AspNetCore.DataProtection;

namespace McpAspire.AuthServer.Federation.Linking;

/// <summary>A person's wish to link a provider.</summary>
/// <param name="AccountId">The person.</param>
/// <param name="Provider">The provider's key.</param>
/// <param name="AskedAt">When they asked for it: they must sign in after that.</param>
internal sealed record LinkWish(string AccountId, string Provider, DateTimeOffset AskedAt);

/// <summary>Carries the wish from the form, which proves that the person made it, through their new sign-in.</summary>
internal sealed class LinkTicket(IDataProtectionProvider protection)
{
    internal const string CookieName = "__Host-authserver-link";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly TicketCookie<LinkWish> _cookie = new(protection, CookieName, "link-provider", Lifetime);

    internal void Write(HttpContext context, LinkWish wish) => _cookie.Write(context, wish);

    internal LinkWish? Read(HttpContext context) => _cookie.Read(context);

    internal void Delete(HttpContext context) => _cookie.Delete(context);
}
