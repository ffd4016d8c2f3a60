using McpAspire.AuthServer.SignOut;

namespace McpAspire.AuthServer.Tests;

/// <summary>Who is told of logouts next.</summary>
public sealed class LaneChoiceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Providers_go_first_and_then_who_waits_longest()
    {
        var chosen = LaneChoice.Choose([Client("https://a.example/1", 5), Client("https://b.example/1", 9), Provider("keycloak", 1), Provider("other", 2)], []);
        Assert.Equal(["other", "keycloak", "https://b.example/1", "https://a.example/1"], chosen.Select(lane => lane.Target));
    }

    [Fact]
    public void A_host_with_many_clients_has_few_lanes_and_holds_up_no_other()
    {
        var hanging = Enumerable.Range(0, 100).Select(number => Client($"https://hangs.example:{1000 + number}/client", 60)).ToList();
        var open = LaneChoice.Choose(hanging, []);
        Assert.Equal(LaneChoice.MostOfHost, open.Count);

        var next = LaneChoice.Choose([.. hanging, Client("https://one.example/client", 1), Client("registered", 0)], open);
        Assert.Equal(["https://one.example/client", "registered"], next.Select(lane => lane.Target));
    }

    [Fact]
    public void Lanes_are_limited_in_all_and_one_target_has_one()
    {
        var due = Enumerable.Range(0, 40).Select(number => Client($"https://host{number}.example/client", number)).ToList();
        var first = LaneChoice.Choose(due, []);
        Assert.Equal(LaneChoice.Most, first.Count);
        Assert.Empty(LaneChoice.Choose(due, first));
        Assert.Equal(first[0], Assert.Single(LaneChoice.Choose(due, first[1..])));
    }

    private static (Lane Lane, DateTimeOffset Since) Client(string id, int waits) => (new(NoticeKind.Client, id), Now.AddSeconds(-waits));

    private static (Lane Lane, DateTimeOffset Since) Provider(string key, int waits) => (new(NoticeKind.Provider, key), Now.AddSeconds(-waits));
}
