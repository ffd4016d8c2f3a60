using System.Net;
using System.Net.Http.Json;
using McpAspire.AuthServer.Limits;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Registration;

/// <summary>How many may be registered from one place.</summary>
public sealed class RegistrationLimitTests(RegistrationServer fixture) : RegisteringTest(fixture), IClassFixture<RegistrationServer>
{
    [Fact]
    public async Task Thirty_a_minute_may_register_from_one_address_and_the_same_client_again_does_not_count()
    {
        for (var index = 0; index < 30; index++)
        {
            Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public($"https://app.example/{index}"))).Status);
        }

        var refused = await RegisterAsync(Public("https://app.example/one-more"));
        Assert.Equal((HttpStatusCode.TooManyRequests, "temporarily_unavailable"), (refused.Status, refused.Error));
        Assert.InRange(refused.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await RegisterTextAsync("not json")).Status);
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public("https://app.example/7"))).Status);

        Server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public("https://app.example/one-more"))).Status);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", null)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", null)]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48")]
    [InlineData("2001:db8:1:2::", "2001:db8:1:2::/64", "2001:db8:1::/48")]
    public void Addresses_are_counted_by_their_network_and_its_site(string address, string network, string? site) =>
        Assert.Equal((network, site), (RequestSource.NetworkOf(IPAddress.Parse(address)), RequestSource.SiteOf(IPAddress.Parse(address))));

    [Fact]
    public async Task A_site_of_IPv6_may_register_four_times_as_many_from_all_its_networks_and_another_site_its_own()
    {
        await using var behindProxy = await RunningAuthServer.StartAsync(
            Redis.ConnectionString, settings: [("Registration:PerMinute", "2"), ("ForwardedHeaders:KnownProxies:0", "127.0.0.1")]);
        for (var number = 0; number < 8; number++)
        {
            Assert.Equal(HttpStatusCode.Created, (await RegisterFromAsync(behindProxy, $"2001:db8:1:{number}::1", number)).Status);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await RegisterFromAsync(behindProxy, "2001:db8:1:99::1", 8)).Status);
        Assert.Equal(HttpStatusCode.Created, (await RegisterFromAsync(behindProxy, "2001:db8:2:99::1", 8)).Status);
    }

    private static async Task<Answer> RegisterFromAsync(RunningAuthServer server, string address, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/register")
        {
            Content = JsonContent.Create(Public($"https://app.example/{number}")),
            Headers = { { "X-Forwarded-For", address } },
        };
        return await Answer.OfAsync(await server.Client.SendAsync(request, Cancel));
    }
}
