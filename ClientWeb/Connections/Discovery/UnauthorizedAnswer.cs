using System.Net;
using System.Net.Http.Headers;
using System.Text;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>What an MCP server says to a request without a token (MCP authorization, "Protected Resource Metadata Discovery").</summary>
/// <param name="MetadataUrl">The <c>resource_metadata</c> of its challenge (RFC 9728 §5.1), if any.</param>
/// <param name="Scopes">The <c>scope</c> of its challenge (RFC 6750 §3); empty where it names none.</param>
internal sealed record UnauthorizedAnswer(Uri? MetadataUrl, IReadOnlyList<string> Scopes)
{
    private const string AnyRequest =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"ClientWeb","version":"1.0"}}}""";

    /// <summary>Calls the server without a token, and reads its 401.</summary>
    /// <exception cref="ConnectionException">It does not answer, or not with 401.</exception>
    public static async Task<UnauthorizedAnswer> AskAsync(OutboundGuard guard, HomeServer server, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Url)
        {
            Content = new StringContent(AnyRequest, Encoding.UTF8, "application/json"),
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json"), new MediaTypeWithQualityHeaderValue("text/event-stream") } },
        };

        OutboundAnswer answer;
        try
        {
            answer = await guard.SendAsync(request, maxBytes: 64 * 1024, cancellationToken);
        }
        catch (OutboundException exception)
        {
            throw new ConnectionException(exception.Message, passing: true, exception);
        }

        return answer.Status == HttpStatusCode.Unauthorized
            ? Read(WwwAuthenticateChallenge.Bearer(answer.Headers))
            : throw new ConnectionException(
                $"{server.Value} answered a request without a token with {(int)answer.Status} instead of 401, so there is no sign-in to begin.",
                passing: (int)answer.Status >= 500);
    }

    /// <summary>Reads the challenge.</summary>
    public static UnauthorizedAnswer Read(WwwAuthenticateChallenge? challenge) => new(
        Uri.TryCreate(challenge?["resource_metadata"], UriKind.Absolute, out var url) ? url : null,
        challenge?["scope"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? []);
}
