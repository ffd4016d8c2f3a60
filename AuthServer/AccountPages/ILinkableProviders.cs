namespace McpAspire.AuthServer.AccountPages;

/// <summary>The identity providers that a person can link to their account.</summary>
internal interface ILinkableProviders
{
    /// <summary>Key and name of each that is configured.</summary>
    IReadOnlyList<(string Key, string Name)> All { get; }
}

/// <summary>None is configured.</summary>
internal sealed class NoProviders : ILinkableProviders
{
    public IReadOnlyList<(string Key, string Name)> All => [];
}
