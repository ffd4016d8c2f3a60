using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>Holds a transaction, with all it wrote, just before its commit.</summary>
internal sealed class PauseBeforeCommit : DbTransactionInterceptor
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Reached => _reached.Task;

    internal void GoOn() => _goOn.SetResult();

    public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        _reached.TrySetResult();
        await _goOn.Task;
        return result;
    }
}
