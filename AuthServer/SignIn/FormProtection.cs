using McpAspire.ServiceDefaults.BrowserProtection;
using Microsoft.AspNetCore.Antiforgery;

namespace McpAspire.AuthServer.SignIn;

/// <summary>Antiforgery for our forms, in the cookie <c>__Host-authserver-antiforgery</c>.</summary>
internal static class FormProtection
{
    internal const string CookieName = "__Host-authserver-antiforgery";
    internal const string FieldName = "__RequestVerificationToken";

    internal static void AddFormProtection(this IServiceCollection services) => services.AddAntiforgery(options =>
    {
        options.Cookie = new AlwaysSecureCookie { Name = CookieName, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true };
        options.FormFieldName = FieldName;
        options.SuppressXFrameOptionsHeader = true;
    });

    /// <summary>The hidden field's value for a page that is about to be shown.</summary>
    internal static string Token(HttpContext context) =>
        context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken!;

    internal static Task<bool> IsValidAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
}
