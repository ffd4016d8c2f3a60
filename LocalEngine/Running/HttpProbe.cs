using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace McpAspire.LocalEngine.Running;

/// <summary>A resource is well when a GET gives the expected status.</summary>
internal sealed class HttpProbe(HttpClient client, Func<Uri> url, int status = 200) : IHealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Makes the client of all probes: no proxy, no redirects, and on https this machine's certificate only.</summary>
    internal static HttpClient CreateClient(X509Certificate2? certificate, TimeSpan? patience = null) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancellationToken) =>
            await LoopbackConnection.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false),
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, presented, _, _) =>
                certificate is not null && presented is not null && presented.GetCertHashString() == certificate.GetCertHashString(),
        },
    })
    {
        Timeout = patience ?? Patience,
    };

    public async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        var target = url();
        try
        {
            using var response = await client.GetAsync(target, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return (int)response.StatusCode == status ? null : $"{target} answers {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return $"{target}: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{target} does not answer within {Patience.TotalSeconds} s";
        }
    }
}
