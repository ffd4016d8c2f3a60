namespace McpAspire.ClientWeb.Sessions;

/// <summary>The session has ended: signed out elsewhere, idle too long, or its grant was ended.</summary>
internal sealed class SignedOutException() : Exception("You have been signed out. Sign in again.");
