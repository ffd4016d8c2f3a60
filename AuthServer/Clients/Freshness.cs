using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.Clients;

/// <summary>How long what was fetched from a client is kept (RFC 9111), within our bounds (<see cref="DocumentOptions"/>).</summary>
internal sealed class Freshness(DocumentOptions options)
{
    internal TimeSpan Of(OutboundAnswer answer)
    {
        var said = answer.Headers.CacheControl switch
        {
            null => options.KeptUnsaid,
            { NoStore: true } or { NoCache: true } => options.KeptAtLeast,
            { MaxAge: { } maxAge } => maxAge - (answer.Headers.Age ?? TimeSpan.Zero),
            _ => options.KeptUnsaid,
        };
        return said < options.KeptAtLeast ? options.KeptAtLeast : said > options.KeptAtMost ? options.KeptAtMost : said;
    }
}
