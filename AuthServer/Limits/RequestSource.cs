using System.Net;
using System.Net.Sockets;

namespace McpAspire.AuthServer.Limits;

/// <summary>
/// Where the request under way comes from, for limits: the address, of IPv6 the /64 network, since a single person has
/// all of one. Behind a known proxy it is the address that the proxy saw.
/// </summary>
internal sealed class RequestSource(IHttpContextAccessor accessor)
{
    private const int NetworkBytes = 8;

    internal string Network => Of(accessor.HttpContext?.Connection.RemoteIpAddress);

    internal static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6 || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.MapToIPv4().ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
