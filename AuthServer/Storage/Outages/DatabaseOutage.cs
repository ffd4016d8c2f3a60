using McpAspire.AuthServer.Availability;

namespace McpAspire.AuthServer.Storage.Outages;

/// <summary>That the database is away. A background service asks it each second.</summary>
internal sealed partial class DatabaseOutage(Database database, ILogger<DatabaseOutage> logger) : Outage
{
    protected override bool IsAbsence(Exception exception) => DatabaseAbsence.IsOutage(exception);

    protected override void SayAway(string reason) => Away(database.Name, reason);

    protected override void SayBack(double seconds) => Back(database.Name, seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The database is away ({Database}): {Reason}. What needs it answers 503 until it is back, which will be said here")]
    private partial void Away(string database, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is back ({Database}), after {Seconds:0} s")]
    private partial void Back(string database, double seconds);
}
