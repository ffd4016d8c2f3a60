using System.Net;
using System.Net.Sockets;
using McpAspire.LocalEngine.Running;
using McpAspire.TestKit;

namespace McpAspire.LocalEngine.Tests.Running;

public sealed class LoopbackConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Linux hands out a connection's own ports in turn, so that enough attempts meet the port that they ask for.</summary>
    [Fact]
    public async Task Asking_a_port_again_and_again_never_takes_it_from_the_server_that_wants_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "How ports are handed out differs elsewhere.");
        var target = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        for (var attempt = 0; attempt < 20_000; attempt++)
        {
            var refused = await Assert.ThrowsAsync<SocketException>(async () => await LoopbackConnection.ConnectAsync(target, Cancellation));
            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        }

        using var server = new TcpListener(target);
        server.Start();
        await using var stream = await LoopbackConnection.ConnectAsync(target, Cancellation);
        Assert.True(stream.CanRead);
    }
}
