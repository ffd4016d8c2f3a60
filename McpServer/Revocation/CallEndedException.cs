using ModelContextProtocol;

namespace McpAspire.McpServer.Revocation;

/// <summary>A running call ended with its token: the error that its stream gets.</summary>
/// <param name="revoked">True where the token was revoked, false where it expired.</param>
internal sealed class CallEndedException(bool revoked) : McpProtocolException(
    revoked
        ? "The authorization of this call was ended while it ran. Ask for a new authorization, then call again."
        : "The access token of this call expired while it ran. Get a new one, then call again.",
    McpErrorCode.InvalidRequest);
