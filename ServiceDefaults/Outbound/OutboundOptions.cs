namespace McpAspire.ServiceDefaults.Outbound;

/// <summary>Settings of the outbound guard, section <c>Outbound</c>.</summary>
public sealed class OutboundOptions
{
    /// <summary>What the operator trusts, as <see cref="Outbound.TrustedHosts"/> reads it. AppHost names the stack's own services here.</summary>
    public IList<string> TrustedHosts { get; } = [];

    /// <summary>How long a whole exchange may take. Default: 3 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);
}
