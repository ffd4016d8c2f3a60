namespace McpAspire.ClientWeb.Connections;

/// <summary>A connection can't be made. The message is fit to be shown, and holds no secret.</summary>
internal sealed class ConnectionException : Exception
{
    public ConnectionException(string message, bool passing = false, Exception? inner = null) : base(message, inner) => Passing = passing;

    /// <summary>True where trying again later may help: something does not answer.</summary>
    public bool Passing { get; }
}
