using System.Net;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.Clients.Fetching;

/// <summary>Reads a client's JSON from where it says that it is: through the outbound guard, 200 only, JSON by content type.</summary>
internal sealed class RemoteJson(OutboundGuard guard)
{
    /// <exception cref="ClientRefusedException">It can't be had; the message says why.</exception>
    internal async Task<OutboundAnswer> GetAsync(Uri url, int mostBytes, string what)
    {
        try
        {
            // The flight is shared, so no single request's end may cancel it; the guard's own time limit ends it.
            var answer = await guard.GetJsonAsync(url, mostBytes, CancellationToken.None);
            if (answer.Status != HttpStatusCode.OK)
            {
                throw new ClientRefusedException(
                    $"{url} answered {(int)answer.Status}; it must answer 200, without a redirect.", mayPass: answer.Status >= HttpStatusCode.InternalServerError);
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

    private static bool IsJson(string? mediaType) =>
        mediaType is not null
        && (mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (mediaType.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase)));
}
