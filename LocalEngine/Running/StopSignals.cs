using System.Runtime.InteropServices;

namespace McpAspire.LocalEngine.Running;

/// <summary>Ctrl-C and its like: the first asks the host to stop, the second to stop at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _force = new();
    private readonly List<PosixSignalRegistration> _registrations;

    internal StopSignals(CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    internal CancellationToken Stop => _stop.Token;

    internal CancellationToken Force => _force.Token;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
        _force.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            _force.Cancel();
        }
        else
        {
            _stop.Cancel();
        }
    }
}
