using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Discovery;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>Ends a grant that nobody here needs any more, as well as can be done (RFC 7009 §2.1).</summary>
internal sealed partial class GrantRevocation(TokenClient tokenClient, ILogger<GrantRevocation> logger)
{
    /// <summary>Revokes the grant. Whoever asked may have gone: it is done all the same.</summary>
    /// <returns>False where the authorization server, or our store, did not answer: the log says which.</returns>
    public async Task<bool> TryRevokeAsync(AuthorizationServerMetadata server, TokenSet tokens)
    {
        try
        {
            await tokenClient.RevokeAsync(server, tokens, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is ConnectionException || StoreOutage.IsCauseOf(exception))
        {
            NotRevoked(server.Issuer, exception.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A grant was not revoked at {Issuer}: {Reason}")]
    private partial void NotRevoked(string issuer, string reason);
}
