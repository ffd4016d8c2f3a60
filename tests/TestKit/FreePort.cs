using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace McpAspire.TestKit;

/// <summary>
/// Ports that are free on loopback and stay so until they are used: from below the range in which systems choose the port of
/// an outgoing connection, since one of those may take any port there at any time.
/// </summary>
public static class FreePort
{
    private const int First = 20_000;
    private const int Beyond = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that nothing listens on now; another one each time.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, Beyond);
            if (Given.TryAdd(port, true) && IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
