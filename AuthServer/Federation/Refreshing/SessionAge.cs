using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>A session that its provider can't be asked about lives for <see cref="Provider.MaxSessionAge"/> after the sign-in there.</summary>
internal static class SessionAge
{
    internal static bool IsOver(Provider? provider, UpstreamSession? upstream, DateTimeOffset now) =>
        upstream is { Token: null } && now - upstream.ConfirmedAt >= (provider?.MaxSessionAge ?? new ProviderOptions().MaxSessionAge);
}
