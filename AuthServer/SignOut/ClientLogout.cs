using System.Net;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.AuthServer.Storage;
using McpAspire.ServiceDefaults.Outbound;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.SignOut;

/// <summary>Posts a logout token to a client (OpenID Connect Back-Channel Logout §2.5), at the URL that it registers now.</summary>
internal sealed partial class ClientLogout(AuthDbContext database, LogoutToken tokens, ClientGuard guards, ILogger<ClientLogout> logger)
{
    /// <summary>What we read of an answer; only its status means something.</summary>
    private const int MostBytes = 16 * 1024;

    internal async Task<NoticeOutcome> TellAsync(LogoutNotice notice, CancellationToken cancellationToken)
    {
        var properties = await database.Clients.AsNoTracking()
            .Where(client => client.ClientId == notice.Target)
            .Select(client => client.Properties)
            .FirstOrDefaultAsync(cancellationToken);
        if (ClientProfile.Parse(properties) is not { LogoutUri: { } uri } profile)
        {
            return NoticeOutcome.Done;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("logout_token", tokens.For(notice))]),
        };
        try
        {
            var answer = await guards.For(profile.Source, notice.Target, request.RequestUri!).SendAsync(request, MostBytes, cancellationToken);
            return answer.Status switch
            {
                HttpStatusCode.OK or HttpStatusCode.NoContent => NoticeOutcome.Done,
                HttpStatusCode.BadRequest => NoticeOutcome.Refused,
                _ => NotNow(notice.Target, $"it answered {(int)answer.Status}"),
            };
        }
        catch (OutboundException exception)
        {
            return NotNow(notice.Target, exception.Message);
        }
    }

    private NoticeOutcome NotNow(string client, string reason)
    {
        Unreached(client, reason);
        return NoticeOutcome.Later;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The client {Client} could not be told of a logout now: {Reason}")]
    private partial void Unreached(string client, string reason);
}
