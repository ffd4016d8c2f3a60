using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace McpAspire.ServiceDefaults.Outbound;

/// <summary>
/// The one way to a URL that a stranger gave us (client documents, keys, metadata, token endpoints): https, or http
/// on loopback while we are on loopback ourselves; the address vetted and pinned at connect, so that no DNS answer
/// can change in between; no redirects; caps on size and time. What the operator named is exempt
/// (<see cref="TrustedHosts"/>), but not <see cref="ForStrangers"/>. (MCP security best practices, "Server-Side Request Forgery".)
/// </summary>
public sealed class OutboundGuard : IDisposable
{
    private readonly HttpMessageInvoker _client;
    private readonly TrustedHosts _trusted;
    private readonly TimeSpan _timeout;
    private readonly bool _loopbackAllowed;

    /// <summary>Makes the guard.</summary>
    /// <param name="options">Trusted hosts and the time cap.</param>
    /// <param name="publicUrl">Our own URL: loopback targets are allowed only while it is loopback itself,</param>
    /// <param name="environment">and only in Development.</param>
    public OutboundGuard(IOptions<OutboundOptions> options, PublicUrl publicUrl, IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(publicUrl);
        _trusted = new TrustedHosts(options.Value.TrustedHosts);
        _timeout = options.Value.Timeout;
        _loopbackAllowed = publicUrl.IsLoopback && environment.IsDevelopment();
        _client = new HttpMessageInvoker(CreateHandler());
        ForStrangers = new OutboundGuard(_timeout, _loopbackAllowed);
    }

    private OutboundGuard(TimeSpan timeout, bool loopbackAllowed)
    {
        _trusted = new TrustedHosts([]);
        _timeout = timeout;
        _loopbackAllowed = loopbackAllowed;
        _client = new HttpMessageInvoker(CreateHandler());
        ForStrangers = this;
    }

    /// <summary>
    /// The same guard without the operator's exemptions, for URLs of somebody who proved nothing about their host. It has
    /// connections of its own, since one that is open is not vetted again.
    /// </summary>
    public OutboundGuard ForStrangers { get; }

    /// <summary>
    /// A handler with the same rules, for clients that bring their own HttpClient (streams, so without the caps on
    /// size and time; the caller sets those). It makes no trace of its requests: the trace would go along.
    /// </summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // traceparent, tracestate and baggage of whoever asked us are not for a stranger's server.
        ActivityHeadersPropagator = null,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectTimeout = TimeSpan.FromSeconds(3),
        ConnectCallback = ConnectToVettedAddressAsync,
    };

    /// <summary>Sends a request and reads its answer whole.</summary>
    /// <param name="request">The request; its URL is checked here.</param>
    /// <param name="maxBytes">The most bytes that the body may have, after decompression.</param>
    /// <param name="cancellationToken">Ends the exchange early.</param>
    /// <exception cref="OutboundException">The URL is refused, or the answer is too large, too slow or does not come.</exception>
    public async Task<OutboundAnswer> SendAsync(HttpRequestMessage request, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var url = request.RequestUri ?? throw new OutboundException("No URL was given.");
        Check(url);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        try
        {
            using var response = await _client.SendAsync(request, limit.Token);
            var body = await ReadAsync(response.Content, maxBytes, limit.Token);
            var about = response.Content.Headers;
            return new OutboundAnswer(response.StatusCode, response.Headers, about.ContentType?.MediaType, about.Expires, body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException($"{url.Host} did not answer within {_timeout.TotalSeconds:0.#} seconds.") { MayPass = true };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException or InvalidOperationException)
        {
            // The last two are what a body of broken gzip or Brotli ends in.
            throw exception.InnerException as OutboundException
                ?? new OutboundException($"{url.Authority} can't be reached.", exception) { MayPass = true };
        }
    }

    /// <summary>Sends a GET that asks for JSON.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="maxBytes">The most bytes that the body may have.</param>
    /// <param name="cancellationToken">Ends the exchange early.</param>
    /// <exception cref="OutboundException">As for <see cref="SendAsync"/>.</exception>
    public async Task<OutboundAnswer> GetJsonAsync(Uri url, int maxBytes, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return await SendAsync(request, maxBytes, cancellationToken);
    }

    /// <summary>Checks a URL's form, before anything is sent.</summary>
    /// <param name="url">The URL.</param>
    /// <exception cref="OutboundException">It is refused; the message says why.</exception>
    public void Check(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0)
        {
            throw new OutboundException("Only absolute https URLs without a user name are fetched.");
        }

        if (AsciiHost.Of(url) is null)
        {
            throw new OutboundException("Its host is no name that DNS can know.");
        }

        if (url.Scheme == "http" && !_trusted.Names(url) && !(_loopbackAllowed && PublicUrl.IsLoopbackName(url.Host)))
        {
            throw new OutboundException($"{url.Authority} is not asked over plain http: the URL must be https.");
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _client.Dispose();
        if (ForStrangers != this)
        {
            ForStrangers.Dispose();
        }
    }

    private async ValueTask<Stream> ConnectToVettedAddressAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var url = context.InitialRequestMessage.RequestUri!;
        Check(url);
        var named = _trusted.Names(url);
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = Array.FindAll(addresses, address =>
            named || PublicAddress.IsPublic(address) || _trusted.Contains(address)
            || (_loopbackAllowed && IPAddress.IsLoopback(address) && PublicUrl.IsLoopbackName(url.Host)));
        if (allowed.Length == 0)
        {
            throw new OutboundException($"{url.Host} is not on the public internet, and neither a trusted host nor in a trusted network.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[maxBytes + 1];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return read <= maxBytes ? buffer[..read] : throw new OutboundException($"The answer is larger than {maxBytes} bytes.");
    }
}

/// <summary>An answer read whole through the <see cref="OutboundGuard"/>.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The response's headers.</param>
/// <param name="MediaType">The body's media type, without parameters.</param>
/// <param name="Expires">The time of the header <c>Expires</c>, long past where that is no date; null where there is none.</param>
/// <param name="Body">The body.</param>
public sealed record OutboundAnswer(
    HttpStatusCode Status, HttpResponseHeaders Headers, string? MediaType, DateTimeOffset? Expires, ReadOnlyMemory<byte> Body);

/// <summary>A URL was refused or did not answer as it should. The message is fit to be shown.</summary>
public sealed class OutboundException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, fit to be shown.</param>
    /// <param name="inner">Its cause.</param>
    public OutboundException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>True where nothing is wrong with the URL: what was asked did not answer, and may a minute later.</summary>
    public bool MayPass { get; init; }
}
