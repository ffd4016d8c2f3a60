using McpAspire.AuthServer.Grants;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Storage;

/// <summary>
/// Remembers for which issuer the database was made. Grants and sessions belong to one issuer, so under another one
/// they end; accounts stay.
/// </summary>
internal sealed partial class IssuerRecord(AuthDbContext database, PublicUrl issuer, TimeProvider time, ILogger<IssuerRecord> logger)
{
    private const string Name = "issuer";

    internal async Task KeepAsync(CancellationToken cancellationToken)
    {
        var recorded = await database.Settings.FindAsync([Name], cancellationToken);
        if (recorded is null)
        {
            database.Settings.Add(new Setting { Name = Name, Value = issuer.Value });
        }
        else if (recorded.Value != issuer.Value)
        {
            OtherIssuer(recorded.Value, issuer.Value);
            var now = time.GetUtcNow();
            await database.Sessions.Where(session => session.EndedAt == null).ExecuteUpdateAsync(
                row => row.SetProperty(session => session.EndedAt, now), cancellationToken);
            await database.Grants.Where(grant => grant.EndedAt == null).ExecuteUpdateAsync(
                row => row.SetProperty(grant => grant.EndedAt, now).SetProperty(grant => grant.EndReason, EndReason.IssuerChanged),
                cancellationToken);
            recorded.Value = issuer.Value;
        }

        await database.SaveChangesAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "This database was made for the issuer {Recorded}; it now serves {Issuer}. Sessions and grants of the old issuer have ended: "
        + "people sign in and consent again. Accounts stay. To keep both, give each issuer its own 'DataFolder'.")]
    private partial void OtherIssuer(string recorded, string issuer);
}
