using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Threading.RateLimiting;
using McpAspire.ServiceDefaults.Outbound;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Fetches client ID metadata documents: through the outbound guard, 5 KB and 3 seconds at most, 200 only, JSON by
/// content type; 10 attempts per URL and minute.
/// </summary>
internal sealed class DocumentFetcher(OutboundGuard guard, DocumentAddress addresses, BackChannelLogoutUri logoutUris, TimeProvider time) : IDisposable
{
    private const int MostBytes = 5 * 1024;
    private const int AttemptsAMinute = 10;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(5);

    private readonly PartitionedRateLimiter<string> _attempts = PartitionedRateLimiter.Create<string, string>(url =>
        RateLimitPartition.GetFixedWindowLimiter(url, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = AttemptsAMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    /// <summary>The client that the document describes.</summary>
    /// <exception cref="ClientRefusedException">The document can't be had or is not good; the message says why.</exception>
    internal async Task<OpenIddictApplicationDescriptor> FetchAsync(string clientId)
    {
        try
        {
            return await FetchCheckedAsync(clientId);
        }
        catch (OutboundException exception)
        {
            throw new ClientRefusedException($"The client metadata document can't be fetched: {exception.Message}");
        }
    }

    public void Dispose() => _attempts.Dispose();

    private async Task<OpenIddictApplicationDescriptor> FetchCheckedAsync(string clientId)
    {
        var url = addresses.Check(clientId);
        using var attempt = _attempts.AttemptAcquire(clientId);
        if (!attempt.IsAcquired)
        {
            throw new ClientRefusedException("This client's metadata document was asked for too often. Try again in a minute.");
        }

        var answer = await GetAsync(url);
        var metadata = ClientMetadata.Parse(answer.Body.Span);
        if (!string.Equals(metadata.ClientId, clientId, StringComparison.Ordinal))
        {
            throw new ClientRefusedException("The client_id in the client metadata document is not the URL that it came from.");
        }

        var method = ClientRegistration.AuthenticationMethod(metadata);
        var keys = method == OpenIddictConstants.ClientAuthenticationMethods.PrivateKeyJwt ? await KeysAsync(metadata) : null;
        var descriptor = ClientRegistration.Describe(metadata, clientId, keys, method);
        new ClientProfile(
            ClientSource.MetadataDocument,
            method,
            time.GetUtcNow() + Freshness(answer.Headers.CacheControl, answer.Headers.Age),
            logoutUris.Check(metadata.BackChannelLogoutUri, url.IdnHost),
            metadata.BackChannelLogoutSessionRequired ?? false).WriteTo(descriptor);
        return descriptor;
    }

    private async Task<OutboundAnswer> GetAsync(Uri url)
    {
        // The flight is shared, so no single request's end may cancel it; the guard's own time limit ends it.
        var answer = await guard.GetJsonAsync(url, MostBytes, CancellationToken.None);
        if (answer.Status != HttpStatusCode.OK)
        {
            throw new ClientRefusedException($"{url} answered {(int)answer.Status}; it must answer 200, without a redirect.");
        }

        return IsJson(answer.MediaType)
            ? answer
            : throw new ClientRefusedException($"{url} is not application/json by its content type.");
    }

    private async Task<Microsoft.IdentityModel.Tokens.JsonWebKeySet> KeysAsync(ClientMetadata metadata)
    {
        if (metadata.Jwks is { } inside)
        {
            return ClientRegistration.ParseKeys(inside.GetRawText());
        }

        if (!Uri.TryCreate(metadata.JwksUri, UriKind.Absolute, out var url))
        {
            throw new ClientRefusedException("The client's jwks_uri is not an absolute URL.");
        }

        return ClientRegistration.ParseKeys(Encoding.UTF8.GetString((await GetAsync(url)).Body.Span));
    }

    private static bool IsJson(string? mediaType) =>
        mediaType is not null
        && (mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (mediaType.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase)));

    /// <summary>How long a good document is kept (RFC 9111), within our bounds.</summary>
    internal static TimeSpan Freshness(CacheControlHeaderValue? control, TimeSpan? age)
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
