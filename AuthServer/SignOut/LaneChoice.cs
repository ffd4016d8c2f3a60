using McpAspire.AuthServer.Clients;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.SignOut;

/// <summary>The notices of one target, delivered one after the other. One target has one lane, wherever that leads.</summary>
/// <param name="Kind">What the target is.</param>
/// <param name="Target">The client's id, or the provider's key.</param>
/// <param name="Host">The host that is asked, or what stands for it.</param>
/// <param name="IsStranger">True for a client that nobody configured.</param>
internal readonly record struct Lane(NoticeKind Kind, string Target, string Host, bool IsStranger)
{
    /// <param name="kind">What the target is.</param>
    /// <param name="target">The client's id, or the provider's key.</param>
    /// <param name="profile">The client's profile; null for a provider, and for a client that is gone.</param>
    internal static Lane To(NoticeKind kind, string target, ClientProfile? profile) => new(
        kind,
        target,
        profile?.LogoutUri is { } uri && AsciiHost.Of(new Uri(uri)) is { } host ? host : $"{kind}:{target}",
        kind == NoticeKind.Client && profile is not { Source: ClientSource.Configured });

    public bool Equals(Lane other) => Kind == other.Kind && Target == other.Target;

    public override int GetHashCode() => HashCode.Combine(Kind, Target);
}

/// <summary>
/// Which lanes open next: providers first, and then whoever waits longest. One host has few of them, so that one that
/// hangs does not hold up all the others, however many clients it names; and some are never for strangers, who may have
/// any number of hosts.
/// </summary>
internal static class LaneChoice
{
    internal const int Most = 16;
    internal const int MostOfHost = 4;
    internal const int MostOfStrangers = 12;

    /// <param name="due">The targets with notices that are due, and since when.</param>
    /// <param name="open">The lanes that are open.</param>
    internal static List<Lane> Choose(IEnumerable<(Lane Lane, DateTimeOffset Since)> due, IReadOnlyCollection<Lane> open)
    {
        var ofHost = open.CountBy(lane => lane.Host).ToDictionary(StringComparer.OrdinalIgnoreCase);
        var ofStrangers = open.Count(lane => lane.IsStranger);
        var chosen = new List<Lane>();
        foreach (var (lane, _) in due.Where(target => !open.Contains(target.Lane)).OrderBy(target => target.Lane.Kind == NoticeKind.Client).ThenBy(target => target.Since))
        {
            if (open.Count + chosen.Count >= Most)
            {
                break;
            }

            var already = ofHost.GetValueOrDefault(lane.Host);
            if (already < MostOfHost && !(lane.IsStranger && ofStrangers >= MostOfStrangers))
            {
                ofHost[lane.Host] = already + 1;
                ofStrangers += lane.IsStranger ? 1 : 0;
                chosen.Add(lane);
            }
        }

        return chosen;
    }
}
