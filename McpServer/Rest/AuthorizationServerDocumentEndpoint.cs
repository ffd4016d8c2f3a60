using McpAspire.McpServer.Authorization;

namespace McpAspire.McpServer.Rest;

/// <summary>
/// The authorization server's metadata at this server's own address, where clients of MCP 2025-03-26 look for it
/// ("Server Metadata Discovery"). It is the authorization server's own document, unchanged: nothing here issues tokens.
/// </summary>
internal static class AuthorizationServerDocumentEndpoint
{
    /// <summary>Maps the endpoint.</summary>
    /// <param name="app">The service.</param>
    public static void MapAuthorizationServerDocument(this WebApplication app) => app
        .MapGet("/.well-known/oauth-authorization-server", AnswerAsync)
        .RequireCors(Protocol.CrossOrigin.AnyOrigin);

    private static async Task<IResult> AnswerAsync(AuthorizationServerDocument document, HttpResponse response)
    {
        try
        {
            return Results.Bytes((await document.GetAsync()).Json, "application/json");
        }
        catch (AuthorizationServerUnavailableException exception)
        {
            Refusals.SetRetryAfter(response);
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
