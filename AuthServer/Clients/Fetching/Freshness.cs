using McpAspire.AuthServer.Clients.Documents;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.Clients.Fetching;

/// <summary>
/// How long what was fetched from a client is kept (RFC 9111 §4.2.1), within our bounds (<see cref="DocumentOptions"/>): by
/// <c>max-age</c>; where that is not said, until <c>Expires</c>, counted from <c>Date</c> so that no clock but the sender's has
/// a say. An <c>Expires</c> that is no date has passed (§5.3).
/// </summary>
internal sealed class Freshness(DocumentOptions options, TimeProvider time)
{
    internal TimeSpan Of(OutboundAnswer answer)
    {
        var age = answer.Headers.Age ?? TimeSpan.Zero;
        var said = answer.Headers.CacheControl switch
        {
            { NoStore: true } or { NoCache: true } => TimeSpan.Zero,
            { MaxAge: { } maxAge } => maxAge - age,
            _ when answer.Expires is { } expires => expires - (answer.Headers.Date ?? time.GetUtcNow()) - age,
            _ => options.KeptUnsaid,
        };
        return said < options.KeptAtLeast ? options.KeptAtLeast : said > options.KeptAtMost ? options.KeptAtMost : said;
    }
}
