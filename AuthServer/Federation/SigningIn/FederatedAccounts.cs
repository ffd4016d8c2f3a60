using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>
/// Which account a person of a provider is. A person who is new makes a new account; nobody is ever found by name or
/// e-mail, which a provider may give to someone else.
/// </summary>
internal sealed class FederatedAccounts(AuthDbContext database, TimeProvider time)
{
    /// <summary>The person's account, with what the provider says of them now. A disabled one is returned as it is.</summary>
    internal async Task<Account> SignInAsync(Provider provider, UpstreamIdentity identity, CancellationToken cancellationToken)
    {
        if (await FindLinkAsync(provider, identity, cancellationToken) is not { } link)
        {
            try
            {
                return await AddAsync(provider, identity, cancellationToken);
            }
            catch (DbUpdateException)
            {
                // Another request of the same new person was first; anything else fails again below.
                database.ChangeTracker.Clear();
                link = await FindLinkAsync(provider, identity, cancellationToken)
                    ?? throw new InvalidOperationException("The new account could not be written.");
            }
        }

        var account = await database.Accounts.FirstAsync(row => row.Id == link.AccountId, cancellationToken);
        if (account.DisabledAt is null)
        {
            link.LastSignInAt = time.GetUtcNow();
            await TakeAsync(account, identity, cancellationToken);
            await database.SaveChangesAsync(cancellationToken);
        }

        return account;
    }

    /// <summary>
    /// Writes down what the provider says of the person at a refresh. An ID token that it gives then may say less than the
    /// first one (OpenID Connect Core §12.2): what it leaves out stays, roles apart, which nobody keeps for want of a word.
    /// </summary>
    internal async Task RefreshAsync(string accountId, UpstreamIdentity identity, CancellationToken cancellationToken)
    {
        var account = await database.Accounts.FirstAsync(row => row.Id == accountId, cancellationToken);
        await TakeAsync(
            account,
            identity with { Email = identity.Email ?? account.Email, UserName = identity.UserName ?? account.UpstreamUserName },
            cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The id of the account that a person of a provider is; null where there is none.</summary>
    internal async Task<string?> OfAsync(Provider provider, UpstreamIdentity identity, CancellationToken cancellationToken) =>
        (await FindLinkAsync(provider, identity, cancellationToken))?.AccountId;

    /// <returns>False where that person of the provider is another account; nothing changed then.</returns>
    internal async Task<bool> LinkAsync(Provider provider, UpstreamIdentity identity, string accountId, CancellationToken cancellationToken)
    {
        if (await FindLinkAsync(provider, identity, cancellationToken) is { } link)
        {
            return link.AccountId == accountId;
        }

        try
        {
            database.Links.Add(NewLink(provider, identity, accountId));
            await database.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException)
        {
            database.ChangeTracker.Clear();
            return (await FindLinkAsync(provider, identity, cancellationToken))?.AccountId == accountId;
        }
    }

    private async Task<Link?> FindLinkAsync(Provider provider, UpstreamIdentity identity, CancellationToken cancellationToken) =>
        await database.Links.FirstOrDefaultAsync(row => row.Provider == provider.Key && row.Subject == identity.Subject, cancellationToken);

    private async Task<Account> AddAsync(Provider provider, UpstreamIdentity identity, CancellationToken cancellationToken)
    {
        var account = new Account { Id = RandomId.New(), Name = "Someone of " + provider.Name, CreatedAt = time.GetUtcNow() };
        await TakeAsync(account, identity, cancellationToken);
        database.Accounts.Add(account);
        database.Links.Add(NewLink(provider, identity, account.Id));
        await database.SaveChangesAsync(cancellationToken);
        return account;
    }

    private Link NewLink(Provider provider, UpstreamIdentity identity, string accountId) => new()
    {
        Provider = provider.Key,
        Subject = identity.Subject,
        AccountId = accountId,
        CreatedAt = time.GetUtcNow(),
        LastSignInAt = time.GetUtcNow(),
    };

    /// <summary>
    /// The last provider wins, except for roles: those of an account with a password are ours to give, and a provider that
    /// says nothing of roles takes away none that another one gave.
    /// </summary>
    private async Task TakeAsync(Account account, UpstreamIdentity identity, CancellationToken cancellationToken)
    {
        account.Name = identity.Name ?? account.Name;
        account.Email = identity.Email;
        account.UpstreamUserName = identity.UserName;
        if (account.PasswordHash is null
            && (identity.Roles is not null || await database.Links.CountAsync(link => link.AccountId == account.Id, cancellationToken) <= 1))
        {
            account.Roles = string.Join(' ', identity.Roles ?? []);
        }
    }
}
