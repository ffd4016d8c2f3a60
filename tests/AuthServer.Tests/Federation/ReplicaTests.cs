using System.Net;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class ReplicaTests
{
    [Fact]
    public async Task Of_two_replicas_that_refresh_for_one_session_at_once_one_asks_the_provider()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        await using var second = await stack.StartSecondAsync();
        var flow = stack.Flow();
        var one = await flow.TokensAsync();
        var other = await flow.TokensAsync();
        for (var round = 1; round <= 3; round++)
        {
            stack.Server.Time.Advance(TimeSpan.FromSeconds(61));
            var answer = new TaskCompletionSource();
            stack.Provider.AtToken = async context =>
            {
                await answer.Task.WaitAsync(context.RequestAborted);
                return false;
            };
            var here = flow.TokenAsync(Flow.RefreshRequest(one.RefreshToken));
            var there = flow.TokenAsync(Flow.RefreshRequest(other.RefreshToken), second.Client);
            // Who does not ask is done while the provider thinks.
            await Task.WhenAny(here, there);
            answer.SetResult();
            (one, other) = (await here, await there);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (one.Status, other.Status));
            Assert.Equal(round, stack.Provider.TokenRequests.Count(request => request["grant_type"] == "refresh_token"));
        }
    }
}
