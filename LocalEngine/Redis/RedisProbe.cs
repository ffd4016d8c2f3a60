using System.Net;
using System.Net.Sockets;
using System.Text;
using McpAspire.LocalEngine.Running;

namespace McpAspire.LocalEngine.Redis;

/// <summary>A Redis is well when it takes the password and answers a PING.</summary>
internal sealed class RedisProbe(Func<int> port, Func<CancellationToken, ValueTask<string>> password) : IHealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var stream = await LoopbackConnection.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port()), limit.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var secret = await password(limit.Token).ConfigureAwait(false);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(Command("AUTH", secret) + Command("PING")), limit.Token).ConfigureAwait(false);
                using var reader = new StreamReader(stream);
                var authenticated = await reader.ReadLineAsync(limit.Token).ConfigureAwait(false);
                var answer = authenticated == "+OK" ? await reader.ReadLineAsync(limit.Token).ConfigureAwait(false) : authenticated;
                return answer == "+PONG" ? null : $"Redis answers '{answer}' to a PING";
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return $"Redis on port {port()}: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"Redis on port {port()} does not answer within {Patience.TotalSeconds} s";
        }
    }

    /// <summary>A command in the Redis serialization protocol: an array of bulk strings.</summary>
    private static string Command(params string[] words) =>
        $"*{words.Length}\r\n{string.Concat(words.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n"))}";
}
