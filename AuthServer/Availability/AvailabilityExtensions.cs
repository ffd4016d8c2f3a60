using McpAspire.AuthServer.Forms;
using McpAspire.ServiceDefaults.BrowserProtection;

namespace McpAspire.AuthServer.Availability;

/// <summary>Puts the gates in front of the endpoints.</summary>
internal static class AvailabilityExtensions
{
    /// <summary>Refuses queries and forms that nothing behind it can read.</summary>
    internal static void UseReadableInput(this WebApplication app) => app.UseMiddleware<ReadableInput>();

    internal static void UseStoreGates(this WebApplication app)
    {
        app.UseMiddleware<RedisGate>();
        app.UseMiddleware<DatabaseGate>();
    }

    /// <summary>The Origin rule for the forms that a cookie authenticates. Requests to authorize and logout only show a page.</summary>
    internal static void UseFormOriginCheck(this WebApplication app) => app.UseOriginCheck(FormEndpoint.IsFor);
}
