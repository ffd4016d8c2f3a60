namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names a network from which an endpoint can be seen.</summary>
public record NetworkIdentifier(string Value);

/// <summary>
/// The networks from which Aspire's resources see each other. Here all processes share one machine: an endpoint has the
/// same URL from everywhere.
/// </summary>
public static class KnownNetworkIdentifiers
{
    /// <summary>This machine's own loopback: what browsers and processes see.</summary>
    public static readonly NetworkIdentifier LocalhostNetwork = new("localhost");

    /// <summary>What Aspire's containers see.</summary>
    public static readonly NetworkIdentifier DefaultAspireContainerNetwork = new("aspire-container-network");
}
