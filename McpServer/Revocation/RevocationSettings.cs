namespace McpAspire.McpServer.Revocation;

/// <summary>Whether this server hears of revocations, and what goes on while it does not.</summary>
/// <param name="Enabled">
/// True where the authorization server tells of them through Redis. False for issuers that have no such channel: their
/// tokens are bounded by their lifetime alone.
/// </param>
/// <param name="OpenToolsGoOn">True where tools that own no data may be called while revocations are not known.</param>
internal sealed record RevocationSettings(bool Enabled, bool OpenToolsGoOn)
{
    /// <summary>The name of the Redis connection.</summary>
    public const string ConnectionName = "sessions";

    /// <summary>Reads <c>Revocation:Enabled</c> (default: where <c>ConnectionStrings:sessions</c> is set) and <c>Revocation:OpenToolsGoOn</c>.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message says what to set.</exception>
    public static RevocationSettings Read(IConfiguration configuration)
    {
        var connected = !string.IsNullOrWhiteSpace(configuration.GetConnectionString(ConnectionName));
        var enabled = Flag(configuration, "Revocation:Enabled") ?? connected;
        return enabled && !connected
            ? throw new InvalidOperationException(
                $"'Revocation:Enabled' is true, but 'ConnectionStrings:{ConnectionName}' is missing. Set it to the Redis of the authorization server, "
                + "for example localhost:6379,password=…, or set 'Revocation:Enabled' to false.")
            : new RevocationSettings(enabled, Flag(configuration, "Revocation:OpenToolsGoOn") ?? false);
    }

    private static bool? Flag(IConfiguration configuration, string name) => configuration[name] switch
    {
        null or "" => null,
        var text when bool.TryParse(text, out var flag) => flag,
        var text => throw new InvalidOperationException($"The setting '{name}' is '{text}': set true or false."),
    };
}
