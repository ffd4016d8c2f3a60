using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Tokens.Redemption;

/// <summary>
/// The one transaction in which a request redeems a code, or a stored request: what was redeemed, the grant and what is
/// new are there together or not at all. A request that ends without <see cref="CommitAsync"/> has redeemed nothing.
/// A refresh has a way of its own (<see cref="IRefreshWriter"/>).
/// </summary>
internal sealed class Redeeming(AuthDbContext database, TimeProvider time) : IAsyncDisposable
{
    private IDbContextTransaction? _transaction;

    internal async Task BeginAsync() => _transaction = await database.BeginAsync(CancellationToken.None);

    /// <returns>False where another request has redeemed it.</returns>
    internal async Task<bool> RedeemAsync(string tokenId)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var version = Guid.NewGuid().ToString();
        return await database.Tokens.Where(token => token.Id == tokenId && token.Status == Statuses.Valid).ExecuteUpdateAsync(
            row => row
                .SetProperty(token => token.Status, Statuses.Redeemed)
                .SetProperty(token => token.RedemptionDate, now)
                .SetProperty(token => token.ConcurrencyToken, version),
            CancellationToken.None) == 1;
    }

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
