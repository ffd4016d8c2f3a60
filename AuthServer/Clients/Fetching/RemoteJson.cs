using System.Net;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.Clients.Fetching;

/// <summary>
/// Reads a client's JSON from where it says that it is: through an outbound guard, 200 only, JSON by content type. With which
/// status a server refused is for our log alone: who makes us ask may not know that server.
/// </summary>
internal sealed partial class RemoteJson(ILogger<RemoteJson> logger)
{
    /// <exception cref="ClientRefusedException">It can't be had; the message says why.</exception>
    internal async Task<OutboundAnswer> GetAsync(OutboundGuard guard, Uri url, int mostBytes, string what)
    {
        try
        {
            // The flight is shared, so no single request's end may cancel it; the guard's own time limit ends it.
            var answer = await guard.GetJsonAsync(url, mostBytes, CancellationToken.None);
            if (answer.Status != HttpStatusCode.OK)
            {
                Refused(what, url.AbsoluteUri, (int)answer.Status);
                throw new ClientRefusedException($"{url} did not answer 200, without a redirect, as it must.", mayPass: answer.Status >= HttpStatusCode.InternalServerError);
            }

            return IsJson(answer.MediaType)
                ? answer
                : throw new ClientRefusedException($"{url} is not application/json by its content type.");
        }
        catch (OutboundException exception)
        {
            throw new ClientRefusedException($"The {what} can't be fetched: {exception.Message}", mayPass: exception.MayPass);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The {What} can't be had: {Url} answered {Status}")]
    private partial void Refused(string what, string url, int status);

    private static bool IsJson(string? mediaType) =>
        mediaType is not null
        && (mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (mediaType.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase)));
}
