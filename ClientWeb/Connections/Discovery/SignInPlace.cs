namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>
/// Says on the start page where signing in leads. An answer is remembered for a minute, so that visitors do not make
/// us ask each time; signing in itself always asks anew.
/// </summary>
internal sealed class SignInPlace(HomeDiscovery discovery, TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private volatile Answer? _last;

    /// <summary>The host of the authorization server.</summary>
    /// <exception cref="ConnectionException">Discovery failed.</exception>
    public async Task<string> FindHostAsync(CancellationToken cancellationToken)
    {
        var last = _last;
        if (last is null || time.GetUtcNow() - last.At > Remembered)
        {
            var home = await discovery.DiscoverAsync(cancellationToken);
            _last = last = new Answer(home.AuthorizationServer.Host, time.GetUtcNow());
        }

        return last.Host;
    }

    private sealed record Answer(string Host, DateTimeOffset At);
}
