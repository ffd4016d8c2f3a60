using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.SignIn;

/// <summary>Whose session it is, for pages that say so.</summary>
internal static class AccountOfSession
{
    internal static Task<Account?> AccountOfAsync(this AuthDbContext database, Session session, CancellationToken cancellationToken) =>
        database.Accounts.AsNoTracking().FirstOrDefaultAsync(account => account.Id == session.AccountId, cancellationToken);
}
