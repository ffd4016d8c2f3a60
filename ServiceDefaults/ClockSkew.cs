namespace McpAspire.ServiceDefaults;

/// <summary>
/// How far the clocks of two machines may be apart (RFC 7519 §4.1.4). No setting, since what is kept depends on it, across services:
/// AuthServer keeps a revocation until McpServer takes no token that it is about, and all remember what may be used once
/// until nobody would take it again.
/// </summary>
public static class ClockSkew
{
    /// <summary>So much is allowed. (.NET's own 5 minutes are a whole token's life.)</summary>
    public static readonly TimeSpan Allowed = TimeSpan.FromSeconds(30);
}
