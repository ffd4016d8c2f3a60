using System.Collections.Frozen;
using System.Net;
using System.Text;
using McpAspire.ServiceDefaults.Outbound;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>
/// The signing keys of our authorization server. An unknown key id makes them be fetched anew, at most every few
/// seconds; keys that were withdrawn are forgotten within minutes; while the authorization server is away, known
/// keys serve on, for a bounded time.
/// </summary>
internal sealed partial class IssuerKeys
{
    /// <summary>An age at which the keys are fetched anew in the background.</summary>
    public static readonly TimeSpan RefreshAge = TimeSpan.FromMinutes(5);

    /// <summary>An age at which keys that could not be refreshed are no longer used.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    /// <summary>A set that is younger than this is the truth about an unknown key id: strangers can't make us fetch without end.</summary>
    public static readonly TimeSpan UnknownKeyPause = TimeSpan.FromSeconds(5);

    private const int MaxBytes = 64 * 1024;

    private readonly AuthorizationServerDocument _document;
    private readonly OutboundGuard _outbound;
    private readonly ILogger<IssuerKeys> _logger;
    private readonly SharedFetch<FrozenDictionary<string, SecurityKey>> _keys;

    public IssuerKeys(AuthorizationServerDocument document, OutboundGuard outbound, TimeProvider time, ILogger<IssuerKeys> logger)
    {
        _document = document;
        _logger = logger;
        _outbound = outbound;
        _keys = new SharedFetch<FrozenDictionary<string, SecurityKey>>(FetchAsync, time);
    }

    /// <summary>The key of this id, or null where the authorization server does not publish it.</summary>
    /// <param name="keyId">The <c>kid</c> of a token's header.</param>
    /// <exception cref="AuthorizationServerUnavailableException">It is not known, and the authorization server can't be asked.</exception>
    public async ValueTask<SecurityKey?> FindAsync(string keyId)
    {
        if (_keys.Last is { } last && last.Age < MaxAge && last.Value.TryGetValue(keyId, out var key))
        {
            if (last.Age >= RefreshAge)
            {
                _ = RefreshAsync();
            }

            return key;
        }

        return (await _keys.GetAsync(UnknownKeyPause)).GetValueOrDefault(keyId);
    }

    private async Task RefreshAsync()
    {
        try
        {
            await _keys.GetAsync(RefreshAge);
        }
        catch (AuthorizationServerUnavailableException exception)
        {
            NotRefreshed(exception.Message);
        }
    }

    private async Task<FrozenDictionary<string, SecurityKey>> FetchAsync()
    {
        var place = (await _document.GetAsync()).JwksUri;
        try
        {
            var answer = await _outbound.GetJsonAsync(place, MaxBytes, CancellationToken.None);
            return answer.Status == HttpStatusCode.OK
                ? Read(answer.Body)
                : throw new AuthorizationServerUnavailableException($"The authorization server answered {(int)answer.Status} at {place}.");
        }
        catch (OutboundException exception)
        {
            throw new AuthorizationServerUnavailableException($"The authorization server's keys can't be had: {exception.Message}", exception);
        }
        catch (ArgumentException exception)
        {
            throw new AuthorizationServerUnavailableException($"The document at {place} is not a JSON Web Key Set.", exception);
        }
    }

    private static FrozenDictionary<string, SecurityKey> Read(ReadOnlyMemory<byte> json) =>
        new JsonWebKeySet(Encoding.UTF8.GetString(json.Span)).GetSigningKeys()
            .Where(static key => key is AsymmetricSecurityKey or JsonWebKey { Kty: not JsonWebAlgorithmsKeyTypes.Octet })
            .Where(static key => !string.IsNullOrEmpty(key.KeyId))
            .DistinctBy(static key => key.KeyId)
            .ToFrozenDictionary(static key => key.KeyId, StringComparer.Ordinal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Signing keys not refreshed, the known ones serve on: {Reason}")]
    private partial void NotRefreshed(string reason);
}
