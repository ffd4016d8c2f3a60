namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>
/// Says on the start page where signing in leads. An answer is remembered for a minute and a failure for some
/// seconds, and visitors who come meanwhile wait for the same answer: however many they are, we ask once. Signing in
/// itself always asks anew.
/// </summary>
internal sealed class SignInPlace(HomeDiscovery discovery, TimeProvider time)
{
    private static readonly TimeSpan AnswerRemembered = TimeSpan.FromMinutes(1);

    // Short: whoever tries again once the fault is gone shall not be shown an old one.
    private static readonly TimeSpan FailureRemembered = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Answer? _last;
    private Task<Answer>? _asking;

    /// <summary>The host of the authorization server.</summary>
    /// <exception cref="ConnectionException">Discovery failed.</exception>
    public async Task<string> FindHostAsync(CancellationToken cancellationToken)
    {
        Task<Answer> asking;
        lock (_gate)
        {
            asking = _last is { } last && time.GetUtcNow() < last.Until ? Task.FromResult(last) : _asking ??= AskAsync();
        }

        var answer = await asking.WaitAsync(cancellationToken);
        return answer.Host
            ?? throw new ConnectionException(answer.Failure!.Message, answer.Failure.Passing, answer.Failure);
    }

    // For all who wait: not to be cancelled by one of them.
    private async Task<Answer> AskAsync()
    {
        // It must not end before it is kept.
        await Task.Yield();
        Answer? answer = null;
        try
        {
            var home = await discovery.DiscoverAsync(CancellationToken.None);
            return answer = new Answer(home.AuthorizationServer.Host, null, time.GetUtcNow() + AnswerRemembered);
        }
        catch (ConnectionException exception)
        {
            return answer = new Answer(null, exception, time.GetUtcNow() + FailureRemembered);
        }
        finally
        {
            lock (_gate)
            {
                (_last, _asking) = (answer, null);
            }
        }
    }

    private sealed record Answer(string? Host, ConnectionException? Failure, DateTimeOffset Until);
}
