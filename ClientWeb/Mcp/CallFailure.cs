using System.Net;
using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ServiceDefaults.Outbound;
using ModelContextProtocol;

namespace McpAspire.ClientWeb.Mcp;

/// <summary>Why a call failed, in words for the person who made it.</summary>
/// <param name="Title">What kind of failure it is.</param>
/// <param name="Message">What happened, and what can be done.</param>
/// <param name="Passing">True where trying again may help.</param>
public sealed record CallFailure(string Title, string Message, bool Passing)
{
    private const string RemotePrefix = "Request failed (remote): ";

    /// <summary>No answer came in time.</summary>
    /// <param name="host">The server's host.</param>
    /// <param name="limit">How long was waited.</param>
    public static CallFailure TimedOut(string host, TimeSpan limit) =>
        new("No answer in time", $"{host} did not finish within {limit.TotalSeconds:0} seconds. The call was given up.", Passing: true);

    /// <summary>Tells failures apart by who refused or failed.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="host">The server's host.</param>
    public static CallFailure From(Exception exception, string host) => exception switch
    {
        _ when StoreOutage.IsCauseOf(exception) => new("The sign-in store is away", StoreOutage.Message, Passing: true),
        AuthorizationRefusedException refused => Refused(refused, host),
        ConnectionException connection => new("Your sign-in could not be renewed", connection.Message, connection.Passing),
        AnswerTooLargeException tooLarge => new("The server's answer is too large", tooLarge.Message, Passing: false),
        McpProtocolException protocol => new(
            $"The server refused the request ({(int)protocol.ErrorCode})", WithoutPrefix(protocol.Message), Passing: false),
        HttpRequestException { StatusCode: { } status } => Answered(status, host),
        HttpRequestException { InnerException: OutboundException outbound } => new("The server can't be asked", outbound.Message, Passing: false),
        HttpRequestException or IOException => Unreachable(host),
        TimeoutException => new("No answer in time", $"{host} did not answer in time.", Passing: true),
        McpException mcp => new("The server's answer was not understood", WithoutPrefix(mcp.Message), Passing: true),
        _ => new("The call failed", $"Something unexpected went wrong while talking to {host}.", Passing: true),
    };

    private static CallFailure Unreachable(string host) =>
        new("The MCP server does not answer", $"{host} can't be reached. Check that it runs, then try again.", Passing: true);

    private static CallFailure Refused(AuthorizationRefusedException refused, string host) => refused switch
    {
        { Status: HttpStatusCode.Unauthorized } => new(
            "The server does not accept your sign-in",
            refused.Description ?? $"{host} refused the token of your sign-in. Sign out and in again.",
            Passing: false),
        { IsInsufficientScope: true, NeededScope: { } scope } => new(
            "Your sign-in does not allow this", $"This needs the permission {scope}, which you have not given to this application.", Passing: false),
        _ => new("The server does not allow this", refused.Description ?? $"{host} answered with 403.", Passing: false),
    };

    private static CallFailure Answered(HttpStatusCode status, string host) => status switch
    {
        HttpStatusCode.TooManyRequests => new("Too many calls", $"{host} asks to wait a moment before the next call.", Passing: true),
        HttpStatusCode.ServiceUnavailable => new("The server is not ready", $"{host} says that it can't serve calls now. Try again in a moment.", Passing: true),
        _ => new("The server's answer was an error", $"{host} answered with status {(int)status}.", (int)status >= 500),
    };

    private static string WithoutPrefix(string message) =>
        message.StartsWith(RemotePrefix, StringComparison.Ordinal) ? message[RemotePrefix.Length..] : message;
}

/// <summary>A call failed. It carries the words to show.</summary>
internal sealed class CallFailedException(CallFailure failure, Exception cause) : Exception(failure.Message, cause)
{
    public CallFailure Failure { get; } = failure;
}
