using System.Net.Http.Headers;

namespace McpAspire.AuthServer.Clients;

/// <summary>How long what was fetched from a client is kept (RFC 9111), within our bounds.</summary>
internal static class Freshness
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(5);

    internal static TimeSpan Of(HttpResponseHeaders headers) => Of(headers.CacheControl, headers.Age);

    internal static TimeSpan Of(CacheControlHeaderValue? control, TimeSpan? age)
    {
        var said = control switch
        {
            null => Unsaid,
            { NoStore: true } or { NoCache: true } => Shortest,
            { MaxAge: { } maxAge } => maxAge - (age ?? TimeSpan.Zero),
            _ => Unsaid,
        };
        return said < Shortest ? Shortest : said > Longest ? Longest : said;
    }
}
