using System.Net;
using System.Net.Sockets;

namespace McpAspire.AuthServer.Devices;

/// <summary>From where and when a device asked, in words: what lets a person see that it is not theirs (RFC 8628 §5.4).</summary>
internal static class DevicePlace
{
    internal static string Where(string? address)
    {
        if (!IPAddress.TryParse(address, out var ip))
        {
            return "an unknown network";
        }

        ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        return IPAddress.IsLoopback(ip) ? "the machine that this service runs on"
            : IsPrivate(ip) ? $"the local network of this service (address {ip})"
            : $"the internet, address {ip}";
    }

    internal static string Ago(TimeSpan passed) => passed.TotalMinutes switch
    {
        < 1 => "less than a minute ago",
        < 2 => "a minute ago",
        var minutes => $"{(int)minutes} minutes ago",
    };

    private static bool IsPrivate(IPAddress ip) => ip.AddressFamily == AddressFamily.InterNetworkV6
        ? ip.IsIPv6LinkLocal || ip.IsIPv6UniqueLocal
        : ip.GetAddressBytes() is [10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [169, 254, ..] or [100, >= 64 and < 128, ..];
}
