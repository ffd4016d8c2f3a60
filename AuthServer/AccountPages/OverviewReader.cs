using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.AccountPages;

/// <summary>Reads what the page <c>/account</c> shows.</summary>
internal sealed class OverviewReader(AuthDbContext database, ResourceIndicators resources, ProviderSet providers, TimeProvider time)
{
    internal async Task<AccountOverview> ReadAsync(Session current, CancellationToken cancellationToken)
    {
        var account = await database.Accounts.AsNoTracking().SingleAsync(row => row.Id == current.AccountId, cancellationToken);
        return new AccountOverview(
            account,
            providers.HasBuiltInAccounts && account.PasswordHash is not null,
            await SessionsAsync(current, cancellationToken),
            await ApplicationsAsync(current.AccountId, cancellationToken),
            await ProvidersAsync(current.AccountId, cancellationToken));
    }

    /// <summary>The names of the providers that can sign the person in.</summary>
    internal async Task<IReadOnlyList<string>> WaysAsync(string accountId, CancellationToken cancellationToken) =>
    [
        .. (await ProvidersAsync(accountId, cancellationToken)).Where(provider => provider is { LinkedAt: not null, IsConfigured: true })
            .Select(provider => provider.Name).Distinct(),
    ];

    private async Task<IReadOnlyList<SessionView>> SessionsAsync(Session current, CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - Sessions.Lifetime;
        var living = await database.Sessions.AsNoTracking()
            .Where(session => session.AccountId == current.AccountId && session.EndedAt == null && session.LastUsedAt > oldest)
            .OrderByDescending(session => session.LastUsedAt)
            .ToListAsync(cancellationToken);
        return
        [
            .. living.OrderByDescending(session => session.Id == current.Id)
                .Select(session => new SessionView(session.Id, session.Id == current.Id, session.CreatedAt, session.LastUsedAt)),
        ];
    }

    /// <summary>Clients with a living grant, and those whose consent is remembered.</summary>
    private async Task<IReadOnlyList<ApplicationView>> ApplicationsAsync(string accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (oldest, unused) = (now - GrantStore.RefreshLifetime, now - GrantStore.RefreshIdle);
        var grants = await database.Grants.AsNoTracking()
            .Where(grant => grant.AccountId == accountId && grant.EndedAt == null && grant.AuthorizedAt > oldest && grant.LastUsedAt > unused)
            .OrderBy(grant => grant.CreatedAt)
            .ToListAsync(cancellationToken);
        var consented = await database.Consents.AsNoTracking()
            .Where(consent => consent.AccountId == accountId && consent.ExpiresAt > now)
            .Select(consent => consent.ClientId)
            .ToListAsync(cancellationToken);
        var ids = grants.Select(grant => grant.ClientId).Union(consented).ToArray();
        var clients = await database.Clients.AsNoTracking()
            .Where(client => ids.Contains(client.ClientId))
            .Select(client => new { client.ClientId, client.DisplayName, client.Properties })
            .ToDictionaryAsync(client => client.ClientId!, StringComparer.Ordinal, cancellationToken);
        return
        [
            .. ids.Select(id =>
            {
                var client = clients.GetValueOrDefault(id);
                return new ApplicationView(
                    id,
                    client?.DisplayName ?? id,
                    Verification.Of(ClientProfile.Parse(client?.Properties), id),
                    [.. grants.Where(grant => grant.ClientId == id).Select(Access)]);
            }).OrderBy(application => application.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    private AccessView Access(Grant grant) => new(
        resources.Find(grant.Resource)?.Name ?? grant.Resource,
        [.. ScopeCatalog.InFull(ScopeCatalog.Parse(grant.Scopes)).Where(scope => scope != ScopeCatalog.OfflineAccess).Select(scope => ScopeCatalog.Of(scope).Words)],
        grant.CreatedAt,
        grant.LastUsedAt,
        grant.SessionId is null);

    private async Task<IReadOnlyList<ProviderView>> ProvidersAsync(string accountId, CancellationToken cancellationToken)
    {
        var links = await database.Links.AsNoTracking().Where(link => link.AccountId == accountId).OrderBy(link => link.CreatedAt).ToListAsync(cancellationToken);
        var names = providers.All.ToDictionary(provider => provider.Key, provider => provider.Name, StringComparer.Ordinal);
        return
        [
            .. links.Select(link => new ProviderView(
                link.Provider, names.GetValueOrDefault(link.Provider, link.Provider), link.CreatedAt, names.ContainsKey(link.Provider))),
            .. providers.All.Where(provider => !links.Exists(link => link.Provider == provider.Key))
                .Select(provider => new ProviderView(provider.Key, provider.Name, LinkedAt: null, IsConfigured: true)),
        ];
    }
}
