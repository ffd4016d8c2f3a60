using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// Remembers consents for a year, per person, client, redirect host and resource. It holds nothing that tokens hang
/// on, so a stolen token can't end it.
/// </summary>
internal sealed class ConsentStore(AuthDbContext database, TimeProvider time)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary>
    /// The scopes, where all of them were given before, or null where the person must be asked: a box left unticked is
    /// an answer for that time, not for the year.
    /// </summary>
    internal async Task<IReadOnlyList<string>?> FindAsync(ConsentRequest request, CancellationToken cancellationToken)
    {
        if (!request.MayBeRemembered)
        {
            return null;
        }

        var consent = await RowAsync(request, cancellationToken);
        if (consent is null || consent.ExpiresAt <= time.GetUtcNow() || consent.ClientDigest != request.ClientDigest
            || request.Scopes.Except(ScopeCatalog.Parse(consent.Given)).Any())
        {
            return null;
        }

        return request.Scopes.Count == 0 ? null : request.Scopes;
    }

    internal async Task RememberAsync(ConsentRequest request, IReadOnlyCollection<string> given, CancellationToken cancellationToken)
    {
        if (!request.MayBeRemembered)
        {
            return;
        }

        // Forms of one person come at the same time, from two tabs or sent twice: each adds to what the other one wrote.
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        var consent = await RowAsync(request, cancellationToken);
        if (consent is null)
        {
            consent = new Consent
            {
                AccountId = request.AccountId,
                ClientId = request.ClientId,
                RedirectHost = request.RedirectHost,
                Resource = request.Resource,
                Asked = string.Empty,
                Given = string.Empty,
                ExpiresAt = default,
            };
            database.Consents.Add(consent);
        }

        if (consent.ClientDigest != request.ClientDigest)
        {
            // What was given before was given to another client than it is now.
            (consent.Asked, consent.Given, consent.ClientDigest) = (string.Empty, string.Empty, request.ClientDigest);
        }

        // What was asked now is answered anew; what was asked only before keeps its answer, unless it contains what was refused now.
        var refused = request.Scopes.Except(given).ToHashSet(StringComparer.Ordinal);
        var kept = ScopeCatalog.InFull(ScopeCatalog.Parse(consent.Given)).Except(request.Scopes)
            .Where(scope => ScopeCatalog.Of(scope).Implies is not { } implied || !refused.Contains(implied));
        consent.Asked = ScopeCatalog.Text(ScopeCatalog.InFull(ScopeCatalog.Parse(consent.Asked).Union(request.Scopes)));
        consent.Given = ScopeCatalog.Text(ScopeCatalog.InFull(kept.Union(given)));
        consent.ExpiresAt = time.GetUtcNow() + Lifetime;
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private Task<Consent?> RowAsync(ConsentRequest request, CancellationToken cancellationToken) =>
        database.Consents.FirstOrDefaultAsync(
            consent => consent.AccountId == request.AccountId && consent.ClientId == request.ClientId
                && consent.RedirectHost == request.RedirectHost && consent.Resource == request.Resource,
            cancellationToken);
}

/// <summary>What a client asks a person for.</summary>
/// <param name="AccountId">The person.</param>
/// <param name="ClientId">The client.</param>
/// <param name="RedirectHost">The host that the browser will be sent to.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Scopes">The scopes, implied ones included.</param>
/// <param name="MayBeRemembered">True where the answer may be remembered.</param>
/// <param name="ClientDigest">The digest of the client's redirect URIs and keys: a consent is for a client as it was then.</param>
public sealed record ConsentRequest(
    string AccountId, string ClientId, string RedirectHost, string Resource, IReadOnlyList<string> Scopes, bool MayBeRemembered, string ClientDigest = "");
