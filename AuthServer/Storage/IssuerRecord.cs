using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Storage;

/// <summary>
/// Remembers for which issuer the database was made, and says so at each start under another one. Nothing ends: what
/// was given under the old issuer is refused under the new one and is good again after the way back.
/// </summary>
internal sealed partial class IssuerRecord(AuthDbContext database, PublicUrl issuer, ILogger<IssuerRecord> logger)
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
        }

        await database.SaveChangesAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "This database was made for the issuer {Recorded}; it now serves {Issuer}. Tokens of the old issuer are refused while it does, "
        + "so applications must be authorized again; nothing is removed. Set 'PublicUrl' back, or give each issuer its own 'DataFolder'.")]
    private partial void OtherIssuer(string recorded, string issuer);
}
