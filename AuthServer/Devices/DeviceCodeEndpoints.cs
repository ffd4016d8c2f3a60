using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Discovery;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Devices;

/// <summary>The page <c>/device</c>, where a person types the code that a device shows (RFC 8628 §3.3).</summary>
internal static class DeviceCodeEndpoints
{
    internal const string Path = Endpoints.DevicePage;

    internal static void Map(WebApplication app)
    {
        // What a link brings is shown where it is a code only.
        app.MapPage(Path, (HttpContext context, string? user_code) => Page(context, UserCode.Read(user_code)));
        FormEndpoint.Map(app, Path, TakeAsync);
    }

    internal static IResult Page(HttpContext context, string? typed, string? error = null, int status = StatusCodes.Status200OK)
    {
        var tickets = context.RequestServices.GetRequiredService<DeviceTicket>();
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        return PageResult.Show<DeviceCodePage>(context, new Dictionary<string, object?>
        {
            [nameof(DeviceCodePage.FormToken)] = FormProtection.Token(context),
            [nameof(DeviceCodePage.Opening)] = tickets.ProtectOpening(time.GetUtcNow()),
            [nameof(DeviceCodePage.Code)] = UserCode.Read(typed) is { } code ? UserCode.Show(code) : typed,
            [nameof(DeviceCodePage.Error)] = error,
        }, status);
    }

    private static async Task<IResult> TakeAsync(HttpContext context, DeviceTicket tickets, AuditLog audit)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (tickets.ReadOpening(form["opening"]) is not { } openedAt || !await FormProtection.IsValidAsync(context))
        {
            audit.FormRefused(Path, account: null, "the antiforgery token is not valid, or the page is too old");
            return Page(context, form["user_code"], "This page was open for too long. Please try again.", StatusCodes.Status400BadRequest);
        }

        if (UserCode.Read(form["user_code"]) is not { } code)
        {
            return Page(context, form["user_code"], "That is not a whole code. It has 8 letters.", StatusCodes.Status400BadRequest);
        }

        tickets.Write(context, new TypedCode(code, openedAt));
        return PageResult.Continue(context, DeviceConsent.Path, "One moment");
    }
}
