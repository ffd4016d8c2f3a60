using System.Net;
using McpAspire.AuthServer.Federation.Providers;

namespace McpAspire.AuthServer.Federation.Asking;

/// <summary>
/// How we speak to providers: no redirects, which would carry secrets elsewhere, nothing tried twice, and little
/// patience. Operators name providers, so the guard for strangers' URLs has no part here.
/// </summary>
internal sealed class ProviderHttp : IDisposable
{
    /// <summary>How long a person at the sign-in page waits for it.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(3);

    private const int LongestAnswer = 512 * 1024;

    internal HttpClient Client { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectPatience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = LongestAnswer,
        DefaultRequestHeaders = { { "User-Agent", "McpAspire-AuthServer" } },
    };

    /// <summary>Sends a request and sorts what can go wrong.</summary>
    /// <exception cref="ProviderException">The address is plain http where the settings don't allow it; or it does not answer, or answers 5xx or 429.</exception>
    internal async Task<HttpResponseMessage> SendAsync(Provider provider, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var where = request.RequestUri!.GetLeftPart(UriPartial.Path);
        // GitHub's addresses are settings, and were checked at the start.
        if (provider.IsOpenId && request.RequestUri.Scheme != Uri.UriSchemeHttps && !provider.AllowHttp)
        {
            throw new ProviderException(ProviderFault.Misconfigured, $"{provider.Name} names {where}, which is not https.");
        }

        try
        {
            var response = await Client.SendAsync(request, cancellationToken);
            if (response.StatusCode < HttpStatusCode.InternalServerError && response.StatusCode != HttpStatusCode.TooManyRequests)
            {
                return response;
            }

            using (response)
            {
                throw new ProviderException(ProviderFault.Unreachable, $"{where} answered {(int)response.StatusCode}.");
            }
        }
        catch (HttpRequestException exception)
        {
            throw new ProviderException(ProviderFault.Unreachable, $"{where} does not answer: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (exception.InnerException is TimeoutException || !cancellationToken.IsCancellationRequested)
        {
            throw new ProviderException(ProviderFault.Unreachable, $"{where} did not answer in time.", exception);
        }
    }

    public void Dispose() => Client.Dispose();
}
