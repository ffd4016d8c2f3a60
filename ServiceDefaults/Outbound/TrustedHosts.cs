using System.Net;

namespace McpAspire.ServiceDefaults.Outbound;

/// <summary>
/// The hosts and networks that the operator trusts, setting <c>Outbound:TrustedHosts</c>: hosts by name, for every port, or as
/// <c>name:port</c>; networks as an address and a length (RFC 4632, <c>10.1.0.0/16</c>). A host that is named may be asked
/// over plain http and at any address. A network lifts the rule of addresses alone: who asks by a name of their own choosing
/// still needs https, whose certificate proves that name.
/// </summary>
public sealed class TrustedHosts
{
    internal const string Setting = "Outbound:TrustedHosts";

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _networks = [];

    /// <summary>Reads the entries.</summary>
    /// <param name="entries">What the setting holds.</param>
    /// <exception cref="InvalidOperationException">One is neither a host nor a network; the message says which.</exception>
    public TrustedHosts(IEnumerable<string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var entry in entries)
        {
            if (IsHost(entry))
            {
                _names.Add(entry);
            }
            else if (IsNetwork(entry, out var network))
            {
                _networks.Add(network);
            }
            else
            {
                throw new InvalidOperationException(
                    $"The setting '{Setting}' has '{entry}'. Write a host (inside.example), a host and its port (inside.example:8443), or a network by its first address and its length (10.1.0.0/16).");
            }
        }
    }

    /// <summary>True where the host of a URL is named.</summary>
    /// <param name="url">The URL.</param>
    public bool Names(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return _names.Contains(url.Host) || _names.Contains($"{url.Host}:{url.Port}");
    }

    /// <summary>True where an address lies in a network that is trusted.</summary>
    /// <param name="address">The resolved address.</param>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Exists(network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));
    }

    /// <summary>Not all addresses, and not with bits beyond the length: who writes <c>10.1.2.3/16</c> may mean one address.</summary>
    private static bool IsNetwork(string entry, out IPNetwork network) =>
        IPNetwork.TryParse(entry, out network) && network.PrefixLength > 0 && IPAddress.Parse(entry.Split('/')[0]).Equals(network.BaseAddress);

    private static bool IsHost(string entry) =>
        Uri.TryCreate($"https://{entry}", UriKind.Absolute, out var url)
        && (entry.Equals(url.Host, StringComparison.OrdinalIgnoreCase) || entry.Equals($"{url.Host}:{url.Port}", StringComparison.OrdinalIgnoreCase));
}
