using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore.Storage;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// The one transaction in which a request redeems what it presents: what was redeemed, the grant and the new tokens are
/// there together or not at all. A request that ends without <see cref="CommitAsync"/> has redeemed nothing.
/// </summary>
internal sealed class Redeeming(AuthDbContext database) : IAsyncDisposable
{
    private IDbContextTransaction? _transaction;

    /// <summary>The refresh token that comes of it, if one does.</summary>
    internal NewTokenRow? NewRefreshToken { get; set; }

    internal async Task BeginAsync() => _transaction = await database.BeginAsync(CancellationToken.None);

    internal async Task CommitAsync()
    {
        if (_transaction is not null)
        {
            await _transaction.CommitAsync(CancellationToken.None);
            await DisposeAsync();
        }
    }

    /// <summary>Undoes what was redeemed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _transaction, null) is { } transaction)
        {
            await transaction.DisposeAsync();
        }
    }
}
