using Microsoft.AspNetCore.Http;

namespace McpAspire.ServiceDefaults.BrowserProtection;

/// <summary>
/// Antiforgery's cookie, Secure whatever the request's scheme: browsers take such cookies on http://localhost, while
/// antiforgery would refuse to run there under <see cref="CookieSecurePolicy.Always"/>. With the root path, as the prefix
/// <c>__Host-</c> wants (RFC 6265bis §4.1.3.2).
/// </summary>
public sealed class AlwaysSecureCookie : CookieBuilder
{
    /// <inheritdoc />
    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var options = base.Build(context, expiresFrom);
        options.Secure = true;
        options.Path = "/";
        return options;
    }
}
