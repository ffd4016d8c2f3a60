using System.Net;
using System.Net.Http.Headers;
using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Sessions;

namespace McpAspire.ClientWeb.Mcp;

/// <summary>
/// Sends a session's access token with each request to the home server (RFC 6750 §2.1). A token that is refused with
/// 401 is replaced once; a second refusal, and every 403, is told to the caller as what it is.
/// </summary>
internal sealed class BearerTokenHandler(string sessionKey, AccessTokens tokens, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not null)
        {
            // It may have to be sent twice.
            await request.Content.LoadIntoBufferAsync(cancellationToken);
        }

        var token = await tokens.GetAsync(sessionKey, cancellationToken);
        var response = await SendWithAsync(request, token, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            response.Dispose();
            token = await tokens.ReplaceAsync(sessionKey, token, cancellationToken);
            response = await SendWithAsync(request, token, cancellationToken);
        }

        if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
        {
            return response;
        }

        using (response)
        {
            throw new AuthorizationRefusedException(response.StatusCode, WwwAuthenticateChallenge.Bearer(response.Headers));
        }
    }

    private Task<HttpResponseMessage> SendWithAsync(HttpRequestMessage request, string token, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return base.SendAsync(request, cancellationToken);
    }
}
