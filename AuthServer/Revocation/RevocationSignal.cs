using McpAspire.AuthServer.Availability;

namespace McpAspire.AuthServer.Revocation;

/// <summary>Says that there are new entries in the outbox.</summary>
internal sealed class RevocationSignal : Signal;
