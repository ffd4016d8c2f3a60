namespace McpAspire.AuthServer.SignOut;

/// <summary>The notices of one target, delivered one after the other.</summary>
internal readonly record struct Lane(NoticeKind Kind, string Target)
{
    /// <summary>Where it leads: a client that is named by a URL is at that URL's host; any other target is a place of its own.</summary>
    internal string Host => Kind == NoticeKind.Client && Uri.TryCreate(Target, UriKind.Absolute, out var url) && url.Host.Length > 0 ? url.Host : $"{Kind}:{Target}";
}

/// <summary>
/// Which lanes open next: providers first, and then whoever waits longest. One host has few of them, so that one that
/// hangs does not hold up all the others, however many clients it names.
/// </summary>
internal static class LaneChoice
{
    internal const int Most = 16;
    internal const int MostOfHost = 4;

    /// <param name="due">The targets with notices that are due, and since when.</param>
    /// <param name="open">The lanes that are open.</param>
    internal static List<Lane> Choose(IEnumerable<(Lane Lane, DateTimeOffset Since)> due, IReadOnlyCollection<Lane> open)
    {
        var ofHost = open.CountBy(lane => lane.Host).ToDictionary(StringComparer.Ordinal);
        var chosen = new List<Lane>();
        foreach (var (lane, _) in due.Where(target => !open.Contains(target.Lane)).OrderBy(target => target.Lane.Kind == NoticeKind.Client).ThenBy(target => target.Since))
        {
            if (open.Count + chosen.Count >= Most)
            {
                break;
            }

            var already = ofHost.GetValueOrDefault(lane.Host);
            if (already < MostOfHost)
            {
                ofHost[lane.Host] = already + 1;
                chosen.Add(lane);
            }
        }

        return chosen;
    }
}
