namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>
/// Says where signing in leads: to the start page, and to whoever must know a logout token's sender. An answer is
/// remembered for a minute and a failure for some seconds, and visitors who come meanwhile wait for the same answer:
/// however many they are, we ask once. Signing in itself always asks anew.
/// </summary>
internal sealed class SignInPlace(HomeDiscovery discovery, TimeProvider time)
{
    private static readonly TimeSpan AnswerRemembered = TimeSpan.FromMinutes(1);

    // Short: whoever tries again once the fault is gone shall not be shown an old one.
    private static readonly TimeSpan FailureRemembered = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Answer? _last;
    private AuthorizationServerMetadata? _lastKnown;
    private Task<Answer>? _asking;

    /// <summary>The authorization server.</summary>
    /// <exception cref="ConnectionException">Discovery failed.</exception>
    public async Task<AuthorizationServerMetadata> FindAsync(CancellationToken cancellationToken)
    {
        var answer = await AskedAsync(cancellationToken);
        return answer.Server ?? throw Again(answer.Failure!);
    }

    /// <summary>The authorization server, the one found last where discovery fails now.</summary>
    /// <exception cref="ConnectionException">Discovery fails, and never succeeded.</exception>
    public async Task<AuthorizationServerMetadata> FindLastKnownAsync(CancellationToken cancellationToken)
    {
        var answer = await AskedAsync(cancellationToken);
        lock (_gate)
        {
            return answer.Server ?? _lastKnown ?? throw Again(answer.Failure!);
        }
    }

    private async Task<Answer> AskedAsync(CancellationToken cancellationToken)
    {
        Task<Answer> asking;
        lock (_gate)
        {
            asking = _last is { } last && time.GetUtcNow() < last.Until ? Task.FromResult(last) : _asking ??= AskAsync();
        }

        return await asking.WaitAsync(cancellationToken);
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
            return answer = new Answer(home.AuthorizationServer, null, time.GetUtcNow() + AnswerRemembered);
        }
        catch (ConnectionException exception)
        {
            return answer = new Answer(null, exception, time.GetUtcNow() + FailureRemembered);
        }
        finally
        {
            lock (_gate)
            {
                (_last, _lastKnown, _asking) = (answer, answer?.Server ?? _lastKnown, null);
            }
        }
    }

    private static ConnectionException Again(ConnectionException failure) => new(failure.Message, failure.Passing, failure);

    private sealed record Answer(AuthorizationServerMetadata? Server, ConnectionException? Failure, DateTimeOffset Until);
}
