using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Identity;
using Microsoft.AspNetCore.Mvc;

namespace McpAspire.ClientWeb.Sessions.BackChannel;

/// <summary>
/// Where authorization servers say that a session has ended (OpenID Connect Back-Channel Logout §2.5 to §2.8). The
/// request comes from a server: it has no cookie and no antiforgery token, and the logout token is its only proof.
/// </summary>
internal sealed partial class BackChannelLogoutEndpoint(LogoutTokenValidator validator, Logouts logouts, ILogger<BackChannelLogoutEndpoint> logger)
{
    private const int MaxBodyBytes = 16 * 1024;
    private const string TokenField = "logout_token";

    public static void Map(IEndpointRouteBuilder app) => app
        .MapPost(ClientIdentity.BackChannelLogoutPath, (HttpContext context, BackChannelLogoutEndpoint endpoint) => endpoint.AnswerAsync(context))
        .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            var token = await validator.ValidateAsync(await ReadAsync(context.Request), context.RequestAborted);
            var ended = await logouts.ApplyAsync(token);
            Ended(token.Issuer, ended);
            return Results.Ok();
        }
        catch (InvalidTokenException exception)
        {
            Refused(exception.Message);
            return Error(StatusCodes.Status400BadRequest, "invalid_request", $"The logout token is not valid: {exception.Message}.");
        }
        catch (BadHttpRequestException exception)
        {
            Refused(exception.Message);
            return Error(exception.StatusCode, "invalid_request", exception.Message);
        }
        catch (Exception exception) when (exception is ConnectionException || StoreOutage.IsCauseOf(exception))
        {
            NotNow(exception.Message);
            return Error(StatusCodes.Status503ServiceUnavailable, "temporarily_unavailable", "The logout token can't be judged or obeyed now. Send it again.");
        }
    }

    private static async Task<string> ReadAsync(HttpRequest request)
    {
        if (!request.HasFormContentType)
        {
            throw new BadHttpRequestException("The request must be a form.");
        }

        try
        {
            var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
            return form[TokenField] is [{ Length: > 0 } token]
                ? token
                : throw new BadHttpRequestException($"The form must have '{TokenField}' once.");
        }
        catch (InvalidDataException)
        {
            throw new BadHttpRequestException("The form can't be read.");
        }
    }

    private static IResult Error(int status, string error, string description) =>
        Results.Json(new { error, error_description = description }, statusCode: status);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Issuer} signed somebody out over the back channel: {Count} sessions ended")]
    private partial void Ended(string issuer, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A logout token was refused: {Rule}")]
    private partial void Refused(string rule);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A logout token could not be obeyed, and its sender was asked to try again: {Reason}")]
    private partial void NotNow(string reason);
}
