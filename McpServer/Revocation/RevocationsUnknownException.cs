namespace McpAspire.McpServer.Revocation;

/// <summary>The token is good as far as it goes, but whether its authorization was ended is not known now. The message is fit to be shown.</summary>
internal sealed class RevocationsUnknownException() : Exception("Whether its authorization was ended is not known at the moment.");
