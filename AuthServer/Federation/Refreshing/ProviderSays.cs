namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>What a provider's word means for an application that refreshes.</summary>
internal enum ProviderSays
{
    /// <summary>It may go on.</summary>
    GoOn,

    /// <summary>It may go on: the provider was asked just now. What it says of the person may be new.</summary>
    Confirmed,

    /// <summary>The provider ended what it hangs on, and so did we.</summary>
    Ended,

    /// <summary>The provider could not be asked for too long: come back later.</summary>
    Later,
}
