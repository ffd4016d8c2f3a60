namespace McpAspire.AuthServer.Federation.Asking;

/// <summary>What went wrong with a provider.</summary>
internal enum ProviderFault
{
    /// <summary>It does not answer, or answers that it can't now.</summary>
    Unreachable,

    /// <summary>It does not know us or is not what the settings say: an operator must look.</summary>
    Misconfigured,

    /// <summary>It says that what we hold is no longer good (<c>invalid_grant</c>).</summary>
    InvalidGrant,

    /// <summary>It answered something that we can't trust.</summary>
    Untrustworthy,

    /// <summary>It did not ask the person again, although we asked it to.</summary>
    NotFresh,
}

/// <summary>A provider failed us. The message is for the log and holds no secret.</summary>
internal sealed class ProviderException(ProviderFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    internal ProviderFault Fault { get; } = fault;
}
