using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;

namespace McpAspire.AuthServer.SignIn;

/// <summary>Registers accounts, sessions and the session cookie.</summary>
internal static class SignInExtensions
{
    internal static void AddSignIn(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // Made here and not at the first request, so that a bad setting stops the start.
        services.AddSingleton(AccountLockOptions.From(builder.Configuration));
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(SessionCookie.Configure);
        services.AddFormProtection();
        services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        services.AddScoped<AccountSeed>();
        services.AddScoped<PasswordSignIn>();
        services.AddSingleton<PasswordRules>();
        services.AddScoped<Sessions>();
        services.AddScoped<CurrentSession>();
    }
}
