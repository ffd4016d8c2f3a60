using System.Net;
using System.Net.Sockets;

namespace McpAspire.AuthServer.Limits;

/// <summary>
/// Where the request under way comes from, for limits. Behind a known proxy it is the address that the proxy saw.
/// </summary>
internal sealed class RequestSource(IHttpContextAccessor accessor)
{
    /// <summary>A site may have what so many networks may: fewer than there are in it, more than people in one house need.</summary>
    internal const int NetworksOfSite = 4;

    private const int NetworkBits = 64;
    private const int SiteBits = 48;

    /// <summary>The address, of IPv6 the /64 network, since a single person has all of one.</summary>
    internal string Network => NetworkOf(Address);

    /// <summary>The /48 network around <see cref="Network"/>, since a customer may have all of one (RFC 6177 §2); null where it is IPv4.</summary>
    internal string? Site => SiteOf(Address);

    private IPAddress? Address => accessor.HttpContext?.Connection.RemoteIpAddress;

    internal static string NetworkOf(IPAddress? address) =>
        address is null ? "unknown" : IsIPv6(address) ? Prefix(address, NetworkBits) : address.MapToIPv4().ToString();

    internal static string? SiteOf(IPAddress? address) => address is not null && IsIPv6(address) ? Prefix(address, SiteBits) : null;

    private static bool IsIPv6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6;

    private static string Prefix(IPAddress address, int bits)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        return $"{new IPAddress(bytes)}/{bits}";
    }
}
