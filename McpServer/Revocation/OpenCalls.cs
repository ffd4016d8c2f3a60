using System.Collections.Concurrent;
using McpAspire.McpServer.Authorization;
using McpAspire.ServiceDefaults;

namespace McpAspire.McpServer.Revocation;

/// <summary>
/// The calls that are running now. One ends when its token expires or is revoked: its stream gets a JSON-RPC error as
/// its answer, and what runs for it is cancelled.
/// </summary>
internal sealed class OpenCalls
{
    // Timers can't wait longer; a call that lasts longer than a day is beyond them anyway.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<OpenCall, CurrentCaller> _calls = new(ReferenceEqualityComparer.Instance);
    private readonly RevocationMirror _mirror;
    private readonly TimeProvider _time;

    public OpenCalls(RevocationMirror mirror, TimeProvider time)
    {
        (_mirror, _time) = (mirror, time);
        mirror.Changed += EndRevoked;
    }

    /// <summary>Runs a call for as long as its token is good.</summary>
    /// <typeparam name="T">What it returns.</typeparam>
    /// <param name="caller">Whose call.</param>
    /// <param name="call">The call, which should heed the token that it is given.</param>
    /// <param name="cancellationToken">Cancels the call as ever.</param>
    /// <exception cref="CallEndedException">The token expired or was revoked before the call was done.</exception>
    public async Task<T> RunAsync<T>(CurrentCaller caller, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        var left = caller.ExpiresAt + ClockSkew.Allowed - _time.GetUtcNow();
        using var open = new OpenCall(left < LongestWait ? left : LongestWait, _time, cancellationToken);
        _calls[open] = caller;
        try
        {
            // What was revoked between the check of the token and here.
            if (_mirror.Ends(caller))
            {
                open.Revoke();
            }

            // A call that does not heed its token goes on, but nobody hears of it any more.
            var running = call(open.Token);
            var result = running.IsCompleted ? await running : await running.AsTask().WaitAsync(open.Token);
            open.Token.ThrowIfCancellationRequested();
            return result;
        }
        catch (OperationCanceledException) when (open.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new CallEndedException(open.Revoked);
        }
        finally
        {
            _calls.TryRemove(open, out _);
        }
    }

    private void EndRevoked()
    {
        foreach (var (open, caller) in _calls)
        {
            if (_mirror.Ends(caller))
            {
                open.Revoke();
            }
        }
    }
}
