using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;

namespace McpAspire.AuthServer.SignIn;

/// <summary>Registers accounts, sessions and the session cookie.</summary>
internal static class SignInExtensions
{
    internal static void AddSignIn(this IServiceCollection services)
    {
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
