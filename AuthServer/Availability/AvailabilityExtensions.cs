using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.SignOut;
using McpAspire.ServiceDefaults.BrowserProtection;

namespace McpAspire.AuthServer.Availability;

/// <summary>Puts the gates in front of the endpoints.</summary>
internal static class AvailabilityExtensions
{
    internal static void UseRedisGate(this WebApplication app) => app.UseMiddleware<RedisGate>();

    /// <summary>The Origin rule for the forms that a cookie authenticates. Requests to authorize and logout only show a page.</summary>
    internal static void UseFormOriginCheck(this WebApplication app) => app.UseOriginCheck(static context =>
        HttpMethods.IsPost(context.Request.Method)
        && context.Request.Path.Value is SignInEndpoints.Path or ConsentEndpoints.Path or LogoutEndpoint.ConfirmPath);
}
