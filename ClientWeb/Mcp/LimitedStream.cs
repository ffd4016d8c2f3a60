namespace McpAspire.ClientWeb.Mcp;

/// <summary>Counts what is read of an answer, and stops at <see cref="AnswerLimit.MaxBytes"/>.</summary>
internal sealed class LimitedStream(Stream inner) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int read) => (_read += read) <= AnswerLimit.MaxBytes ? read : throw new AnswerTooLargeException();
}

/// <summary>
/// An answer is larger than <see cref="AnswerLimit.MaxBytes"/>. No <see cref="IOException"/>: the MCP client would take
/// it for a broken connection and ask again.
/// </summary>
internal sealed class AnswerTooLargeException() : Exception($"The server's answer is larger than {AnswerLimit.MaxBytes / 1024 / 1024} MB.");
