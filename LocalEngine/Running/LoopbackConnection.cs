using System.Net;
using System.Net.Sockets;

namespace McpAspire.LocalEngine.Running;

/// <summary>
/// Connects to a port of this machine on which perhaps nobody listens yet. The kernel may then take that very port as the
/// connection's own and connect it to itself (RFC 9293 §3.5, simultaneous open); closed in the ordinary way, it would keep
/// the server that is about to start from its port for a minute.
/// </summary>
internal static class LoopbackConnection
{
    /// <exception cref="SocketException">Nobody listens.</exception>
    internal static async ValueTask<NetworkStream> ConnectAsync(EndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
            if (Equals(socket.LocalEndPoint, socket.RemoteEndPoint))
            {
                // Ends it with a reset, which leaves nothing behind.
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                throw new SocketException((int)SocketError.ConnectionRefused);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
