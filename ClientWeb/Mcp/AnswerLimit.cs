using System.Net;

namespace McpAspire.ClientWeb.Mcp;

/// <summary>Caps what one answer of an MCP server may have in bytes, after decompression, however it is sent.</summary>
internal sealed class AnswerLimit(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>4 MB: what our own MCP server takes in a request.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.Content.Headers.ContentLength > MaxBytes)
        {
            response.Dispose();
            throw new AnswerTooLargeException();
        }

        response.Content = new LimitedContent(response.Content);
        return response;
    }

    private sealed class LimitedContent : HttpContent
    {
        private readonly HttpContent _content;

        public LimitedContent(HttpContent content)
        {
            _content = content;
            foreach (var (name, values) in content.Headers)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override async Task<Stream> CreateContentReadStreamAsync() => new LimitedStream(await _content.ReadAsStreamAsync());

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await using var limited = await CreateContentReadStreamAsync();
            await limited.CopyToAsync(stream);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _content.Headers.ContentLength ?? 0;
            return _content.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _content.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
