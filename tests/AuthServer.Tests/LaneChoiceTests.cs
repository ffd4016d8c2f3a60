using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.SignOut;

namespace McpAspire.AuthServer.Tests;

/// <summary>Who is told of logouts next.</summary>
public sealed class LaneChoiceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Providers_go_first_and_then_who_waits_longest()
    {
        var chosen = LaneChoice.Choose([Stranger("https://a.example/1", 5), Stranger("https://b.example/1", 9), Provider("keycloak", 1), Provider("other", 2)], []);
        Assert.Equal(["other", "keycloak", "https://b.example/1", "https://a.example/1"], chosen.Select(lane => lane.Target));
    }

    [Fact]
    public void A_host_with_many_clients_has_few_lanes_and_holds_up_no_other()
    {
        var hanging = Enumerable.Range(0, 100).Select(number => Stranger($"https://hangs.example:{1000 + number}/client", 60)).ToList();
        var open = LaneChoice.Choose(hanging, []);
        Assert.Equal(LaneChoice.MostOfHost, open.Count);

        var next = LaneChoice.Choose([.. hanging, Stranger("https://one.example/client", 1), Configured("configured", "https://app.example/logout", 0)], open);
        Assert.Equal(["https://one.example/client", "configured"], next.Select(lane => lane.Target));
    }

    [Fact]
    public void A_client_is_of_the_host_where_it_is_told_whatever_its_id()
    {
        var due = Enumerable.Range(0, 60).Select(number => Configured($"app-{number}", $"https://HANGS.example:{1000 + number}/logout", 60)).ToList();
        Assert.Equal(LaneChoice.MostOfHost, LaneChoice.Choose(due, []).Count);
    }

    [Fact]
    public void Strangers_with_many_hosts_leave_lanes_to_providers_and_configured_clients()
    {
        var hanging = Enumerable.Range(0, 100).Select(number => Stranger($"https://{number}.example/client", 60)).ToList();
        var open = LaneChoice.Choose(hanging, []);
        Assert.Equal(LaneChoice.MostOfStrangers, open.Count);

        var next = LaneChoice.Choose([.. hanging, Configured("configured", "https://app.example/logout", 0), Provider("keycloak", 0)], open);
        Assert.Equal(["keycloak", "configured"], next.Select(lane => lane.Target));
    }

    [Fact]
    public void Lanes_are_limited_in_all_and_one_target_has_one()
    {
        var due = Enumerable.Range(0, 40).Select(number => Configured($"app-{number}", $"https://host{number}.example/logout", number)).ToList();
        var first = LaneChoice.Choose(due, []);
        Assert.Equal(LaneChoice.Most, first.Count);
        Assert.Empty(LaneChoice.Choose(due, first));
        Assert.Equal(first[0], Assert.Single(LaneChoice.Choose(due, first[1..])));
    }

    [Fact]
    public void A_target_that_moved_has_no_second_lane()
    {
        var open = LaneChoice.Choose([Configured("app", "https://old.example/logout", 1)], []);
        Assert.Empty(LaneChoice.Choose([Configured("app", "https://new.example/logout", 1)], open));
    }

    private static (Lane Lane, DateTimeOffset Since) Stranger(string id, int waits) => Client(ClientSource.MetadataDocument, id, id, waits);

    private static (Lane Lane, DateTimeOffset Since) Configured(string id, string logoutUri, int waits) => Client(ClientSource.Configured, id, logoutUri, waits);

    private static (Lane Lane, DateTimeOffset Since) Client(ClientSource source, string id, string logoutUri, int waits) =>
        (Lane.To(NoticeKind.Client, id, new ClientProfile(source, "none", BackChannelLogoutUri: logoutUri)), Now.AddSeconds(-waits));

    private static (Lane Lane, DateTimeOffset Since) Provider(string key, int waits) => (Lane.To(NoticeKind.Provider, key, profile: null), Now.AddSeconds(-waits));
}
