using System.Net;
using McpAspire.McpServer.Tests.Stack;
using McpAspire.ServiceDefaults.Revocation;
using McpAspire.TestKit;

namespace McpAspire.McpServer.Tests.Revocation;

/// <summary>A token of something that ended is refused within seconds.</summary>
public sealed class RevokedTokenTests(RevocationHost host) : IClassFixture<RevocationHost>
{
    public static TheoryData<string, string> Claims => new()
    {
        { nameof(RevokedKind.Grant), "grant_id" },
        { nameof(RevokedKind.Session), "sid" },
        { nameof(RevokedKind.Subject), "sub" },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task What_the_channel_tells_is_refused_within_a_second(string kind, string claim)
    {
        var id = Guid.NewGuid().ToString("N");
        var token = TokenWith(claim, id);
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(token));

        await host.PublishAsync(host.Entry(Enum.Parse<RevokedKind>(kind), id).Message);
        await Eventually.BeTrueAsync(
            async () => await host.EchoAsync(token) == HttpStatusCode.Unauthorized, "refused", TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(TokenWith(claim, "another" + id)));
    }

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task What_the_channel_lost_is_refused_after_the_next_read(string kind, string claim)
    {
        var id = Guid.NewGuid().ToString("N");
        var token = TokenWith(claim, id);
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(token));

        var entry = host.Entry(Enum.Parse<RevokedKind>(kind), id);
        await host.StoreAsync(entry.Member, entry.ExpiresAt);
        var before = host.Time.GetUtcNow();
        await host.BecomesAsync(HttpStatusCode.Unauthorized, () => token);
        Assert.InRange(host.Time.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task The_refusal_says_what_to_do_and_is_audited_with_who_it_was()
    {
        var token = TokenWith("grant_id", "told", "somebody");
        await host.RevokeAsync(RevokedKind.Grant, "told");
        await host.BecomesAsync(HttpStatusCode.Unauthorized, () => token);

        using var response = await host.SendAsync(McpRequests.Echo(token));
        Assert.Contains("error=\"invalid_token\"", response.Challenge(), StringComparison.Ordinal);
        Assert.Contains("was ended. Ask for a new authorization.", response.Challenge(), StringComparison.Ordinal);
        Assert.Equal("invalid_token", (string?)(await response.JsonAsync())["error"]);
        Assert.NotEqual(0, host.CountLogs(
            "Information McpAspire.Audit: Refused: subject somebody, client test-client, POST /mcp: invalid_token: The authorization"));

        using var rest = new HttpRequestMessage(HttpMethod.Post, "/tools/secure_echo");
        rest.Headers.Authorization = new("Bearer", token);
        using var refused = await host.SendAsync(rest);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_person_who_signed_in_again_after_the_end_is_let_in()
    {
        var old = TokenWith("sub", "returning");
        await host.RevokeAsync(RevokedKind.Subject, "returning");
        await host.BecomesAsync(HttpStatusCode.Unauthorized, () => old);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(TokenWith("sub", "returning")));
        Assert.Equal(HttpStatusCode.Unauthorized, await host.EchoAsync(old));
    }

    [Fact]
    public async Task The_end_of_a_session_leaves_grants_that_stand_alone()
    {
        await host.RevokeAsync(RevokedKind.Session, "ended");
        await host.BecomesAsync(HttpStatusCode.Unauthorized, () => TokenWith("sid", "ended"));
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(TokenWith("grant_id", "standalone")));
    }

    [Fact]
    public async Task What_can_not_be_read_is_ignored_and_said_once()
    {
        foreach (var message in (string[])["", "nonsense", "12 planet:earth", "x grant:1", "99999999999999999999 grant:1"])
        {
            await host.PublishAsync(message);
        }

        await host.StoreAsync("planet:earth", host.Time.GetUtcNow().AddMinutes(5));
        await host.StoreAsync("sub:never:somebody", host.Time.GetUtcNow().AddMinutes(5));
        await host.RevokeAsync(RevokedKind.Grant, "after-nonsense");
        await host.BecomesAsync(HttpStatusCode.Unauthorized, () => TokenWith("grant_id", "after-nonsense"));
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(host.Token()));
        Assert.Equal(1, host.CountLogs("Warning McpAspire.McpServer.Revocation.RevocationFeed: A revocation entry that can't be read"));
    }

    private string TokenWith(string claim, string value, string? subject = null) => host.Token(jwt =>
    {
        jwt.Payload["sub"] = subject ?? "7d1f";
        jwt.Payload[claim] = value;
    });
}
