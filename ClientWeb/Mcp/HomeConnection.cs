using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ServiceDefaults.Outbound;
using ModelContextProtocol.Client;

namespace McpAspire.ClientWeb.Mcp;

/// <summary>Opens MCP clients to the home server, in the name of a session. All share one pool of connections.</summary>
internal sealed class HomeConnection(HomeServer server, OutboundGuard guard, AccessTokens tokens) : IDisposable
{
    // SDK 2.4 speaks 2026-07-28 and, where the server does not, the revisions before it.
    private static readonly McpClientOptions ClientOptions = new()
    {
        ClientInfo = new() { Name = "ClientWeb", Title = "McpAspire ClientWeb", Version = "1.0" },
    };

    private readonly AnswerLimit _handler = new(guard.CreateHandler());

    public string ServerHost => server.Host;

    public async Task<McpClient> OpenAsync(string sessionKey, CancellationToken cancellationToken)
    {
        // The handler chain ends in the shared pool, which outlives each client: nothing here is disposed with it.
        var http = new HttpClient(new BearerTokenHandler(sessionKey, tokens, _handler), disposeHandler: false)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var transport = new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Endpoint = server.Url,
                TransportMode = HttpTransportMode.StreamableHttp,
                Name = server.Host,
            },
            http,
            loggerFactory: null,
            ownsHttpClient: true);
        return await McpClient.CreateAsync(transport, ClientOptions, loggerFactory: null, cancellationToken);
    }

    public void Dispose() => _handler.Dispose();
}
