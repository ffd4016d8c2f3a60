using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.AccountPages;

/// <summary>What the page <c>/account</c> shows of a person.</summary>
/// <param name="Account">Who they are.</param>
/// <param name="HasPassword">True where they have a password of this service, and it counts.</param>
/// <param name="Sessions">Where they are signed in, this browser first.</param>
/// <param name="Applications">What they allowed.</param>
/// <param name="Ways">How they sign in at identity providers; empty where none is configured.</param>
public sealed record AccountOverview(
    Account Account, bool HasPassword, IReadOnlyList<SessionView> Sessions, IReadOnlyList<ApplicationView> Applications, IReadOnlyList<ProviderView> Ways)
{
    /// <summary>True where the person could not sign in without that provider.</summary>
    internal bool IsLastWay(ProviderView provider) =>
        provider.LinkedAt is not null && !HasPassword
        && !Ways.Any(other => other.Key != provider.Key && other is { LinkedAt: not null, IsConfigured: true });
}

/// <summary>A living session.</summary>
/// <param name="Id">Its <c>sid</c>.</param>
/// <param name="IsThisBrowser">True for the one that asks.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="LastUsedAt">When it was last used.</param>
public sealed record SessionView(string Id, bool IsThisBrowser, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt);

/// <summary>An application that has access, or gets it again without a question.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="Name">What it calls itself.</param>
/// <param name="Verification">Who answers for it.</param>
/// <param name="Accesses">What it has now; empty where only a consent is remembered.</param>
public sealed record ApplicationView(string ClientId, string Name, Verification Verification, IReadOnlyList<AccessView> Accesses);

/// <summary>A living grant.</summary>
/// <param name="Resource">The name of what it is for.</param>
/// <param name="Words">What it may do, in plain words.</param>
/// <param name="Since">When it was first given.</param>
/// <param name="LastUsedAt">When tokens were last made for it.</param>
/// <param name="StaysConnected">True where it outlives the session.</param>
public sealed record AccessView(string Resource, IReadOnlyList<string> Words, DateTimeOffset Since, DateTimeOffset LastUsedAt, bool StaysConnected);

/// <summary>An identity provider, linked or not.</summary>
/// <param name="Key">Its key in the settings.</param>
/// <param name="Name">Its name.</param>
/// <param name="LinkedAt">When the person linked it; null where they did not.</param>
/// <param name="IsConfigured">False where the settings no longer name it.</param>
public sealed record ProviderView(string Key, string Name, DateTimeOffset? LinkedAt, bool IsConfigured);
