using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Revocation;
using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.Revocation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpAspire.McpServer.Tests.Revocation;

/// <summary>What the mirror holds, and for how long.</summary>
public sealed class RevocationMirrorTests
{
    private static readonly RevocationSettings On = new(Enabled: true, OpenToolsGoOn: false);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_000_000));

    [Fact]
    public void An_entry_is_kept_until_no_token_can_match_it_and_no_longer()
    {
        var mirror = new RevocationMirror(On, _time);
        mirror.Add([Entry(RevokedKind.Grant, "g"), Entry(RevokedKind.Session, "s"), Entry(RevokedKind.Subject, "p")]);
        _time.Advance(TimeSpan.FromSeconds(300) + ClockSkew.Allowed);
        mirror.Sweep();
        Assert.Equal(3, mirror.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        mirror.Sweep();
        Assert.Equal(0, mirror.Count);
    }

    [Fact]
    public void An_entry_that_no_longer_matters_is_not_taken_in()
    {
        var mirror = new RevocationMirror(On, _time);
        mirror.Add([new RevocationEntry(RevokedKind.Grant, "g", null, _time.GetUtcNow().AddSeconds(-31))]);
        Assert.Equal(0, mirror.Count);
    }

    [Fact]
    public void An_entry_that_is_told_again_for_longer_stays_for_longer()
    {
        var mirror = new RevocationMirror(On, _time);
        var entry = Entry(RevokedKind.Grant, "g");
        mirror.Add([entry with { ExpiresAt = entry.ExpiresAt.AddSeconds(100) }]);
        mirror.Add([entry]);
        _time.Advance(TimeSpan.FromSeconds(400));
        mirror.Sweep();
        Assert.True(mirror.Ends(Caller(grant: "g")));
    }

    [Fact]
    public void Of_two_ends_of_a_person_the_later_counts()
    {
        var mirror = new RevocationMirror(On, _time);
        var early = Entry(RevokedKind.Subject, "p");
        var late = early with { IssuedUpTo = early.IssuedUpTo!.Value.AddSeconds(60) };
        mirror.Add([late]);
        mirror.Add([early]);
        Assert.True(mirror.Ends(Caller(issuedAt: late.IssuedUpTo!.Value)));
        Assert.False(mirror.Ends(Caller(issuedAt: late.IssuedUpTo!.Value.AddSeconds(1))));
    }

    [Fact]
    public void More_than_it_can_hold_is_not_taken_for_complete()
    {
        var mirror = new RevocationMirror(On, _time, capacity: 2);
        Assert.True(mirror.Add([Entry(RevokedKind.Grant, "1"), Entry(RevokedKind.Grant, "2")]));
        Assert.False(mirror.Add([Entry(RevokedKind.Grant, "3")]));
        Assert.Equal(2, mirror.Count);
    }

    [Fact]
    public void Only_what_is_new_is_told_on()
    {
        var mirror = new RevocationMirror(On, _time);
        var changes = 0;
        mirror.Changed += () => changes++;
        mirror.Add([Entry(RevokedKind.Grant, "g")]);
        mirror.Add([Entry(RevokedKind.Grant, "g")]);
        Assert.Equal(1, changes);
    }

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        var mirror = new RevocationMirror(On, _time);
        mirror.Add(Enumerable.Range(0, 1000).Select(i => Entry((RevokedKind)(i % 3), $"{i}")));
        mirror.SetComplete(_time.GetTimestamp());
        var caller = Caller(grant: "living");
        var known = mirror.Ends(caller) || !mirror.IsFresh;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            known |= mirror.Ends(caller);
        }

        Assert.False(known);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("localhost:6379", null, true)]
    [InlineData("localhost:6379", "false", false)]
    [InlineData(null, "false", false)]
    public void It_is_on_where_there_is_a_Redis_and_nothing_says_otherwise(string? connection, string? enabled, bool on) =>
        Assert.Equal(on, RevocationSettings.Read(Configuration(connection, enabled)).Enabled);

    [Theory]
    [InlineData("true", "'ConnectionStrings:sessions' is missing")]
    [InlineData("perhaps", "set true or false")]
    public void Wrong_settings_are_said_at_the_start(string enabled, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => RevocationSettings.Read(Configuration(null, enabled))).Message, StringComparison.Ordinal);

    private static IConfiguration Configuration(string? connection, string? enabled) => new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?> { ["ConnectionStrings:sessions"] = connection, ["Revocation:Enabled"] = enabled }).Build();

    private RevocationEntry Entry(RevokedKind kind, string id) =>
        new(kind, id, kind == RevokedKind.Subject ? _time.GetUtcNow() : null, _time.GetUtcNow().AddSeconds(300));

    private CurrentCaller Caller(string? grant = null, DateTimeOffset? issuedAt = null) => new(new JsonWebToken(
        "{\"alg\":\"none\"}",
        $$"""{"iss":"https://as.example","sub":"p","client_id":"c","grant_id":"{{grant}}","iat":{{(issuedAt ?? _time.GetUtcNow()).ToUnixTimeSeconds()}},"exp":2000000}"""));
}
