using Microsoft.Extensions.Time.Testing;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>
/// Lets a server's clock go with the machine's. Keycloak judges our client assertions, which live for a minute, by its own
/// clock: the server's may not stand still.
/// </summary>
internal sealed class ClockInStep : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _going;

    internal ClockInStep(FakeTimeProvider time)
    {
        _going = GoAsync(time);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _going;
        _end.Dispose();
    }

    private async Task GoAsync(FakeTimeProvider time)
    {
        using var step = new PeriodicTimer(Step);
        try
        {
            while (await step.WaitForNextTickAsync(_end.Token))
            {
                time.SetUtcNow(DateTimeOffset.UtcNow);
            }
        }
        catch (OperationCanceledException)
        {
            // The tests are over.
        }
    }
}
