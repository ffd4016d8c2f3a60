namespace McpAspire.AuthServer.Limits;

/// <summary>How often a minute one network may do what costs us something, and all networks of its site together.</summary>
internal sealed class NetworkLimit(AttemptLimit attempts, RequestSource source)
{
    /// <summary>Counts an attempt of the request under way.</summary>
    /// <param name="kind">What is attempted.</param>
    /// <param name="most">How many a minute one network may make.</param>
    /// <returns>Null where it may be made; else how long until the next may.</returns>
    internal async Task<TimeSpan?> TryAsync(string kind, int most) =>
        await attempts.TryAsync(kind, source.Network, most) is { } wait ? wait
        : source.Site is { } site ? await attempts.TryAsync(kind, site, most * RequestSource.NetworksOfSite)
        : null;
}
