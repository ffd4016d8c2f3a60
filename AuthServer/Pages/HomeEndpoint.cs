using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;

namespace McpAspire.AuthServer.Pages;

/// <summary>The page <c>/</c>: what this is, and who is signed in.</summary>
internal static class HomeEndpoint
{
    internal static void MapHome(this WebApplication app) => app.MapPage("/", ShowAsync);

    private static async Task<IResult> ShowAsync(HttpContext context, CurrentSession current, AuthDbContext database)
    {
        var session = await current.FindAsync(context);
        var account = session is null ? null : await database.AccountOfAsync(session, context.RequestAborted);
        return PageResult.Show<HomePage>(context, new Dictionary<string, object?> { [nameof(HomePage.Account)] = account });
    }
}
