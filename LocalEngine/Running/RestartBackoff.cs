namespace McpAspire.LocalEngine.Running;

/// <summary>
/// How long to wait before a crashed resource is started again: 1 s, 2 s, 4 s … at most 30 s, five times in a row. A minute
/// of health makes it forget.
/// </summary>
internal sealed class RestartBackoff
{
    internal const int MaxTries = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(1);

    /// <summary>Restarts since the resource last was healthy for long.</summary>
    internal int Tries { get; private set; }

    /// <summary>Gives the wait after a crash; null when it is time to give up.</summary>
    /// <param name="healthyFor">The longest time for which it was healthy before it crashed.</param>
    internal TimeSpan? Next(TimeSpan healthyFor)
    {
        if (healthyFor >= Forgiven)
        {
            Tries = 0;
        }

        if (Tries == MaxTries)
        {
            return null;
        }

        var wait = TimeSpan.FromSeconds(Math.Pow(2, Tries++));
        return wait < Longest ? wait : Longest;
    }
}
