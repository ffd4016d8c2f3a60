using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

public sealed class UseTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task A_refresh_is_a_use_of_the_session_and_of_the_grant_and_a_refused_one_is_not()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var (sid, grantId) = (tokens.Access.GetClaim("sid").Value, tokens.Access.GetClaim("grant_id").Value);

        stack.Server.Time.Advance(TimeSpan.FromHours(3));
        var used = stack.Server.Time.GetUtcNow();
        tokens = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Equal((used, used), await LastUsesAsync(sid, grantId));

        stack.Server.Time.Advance(TimeSpan.FromHours(3));
        var wider = Flow.RefreshRequest(tokens.RefreshToken);
        wider["scope"] = "mcp:tools notes:write offline_access";
        Assert.NotEqual(HttpStatusCode.OK, (await flow.TokenAsync(wider)).Status);
        Assert.Equal((used, used), await LastUsesAsync(sid, grantId));
    }

    private async Task<(DateTimeOffset Session, DateTimeOffset Grant)> LastUsesAsync(string sid, string grantId)
    {
        using var scope = stack.Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        return (
            (await database.Sessions.SingleAsync(row => row.Id == sid, TestContext.Current.CancellationToken)).LastUsedAt,
            (await database.Grants.SingleAsync(row => row.Id == grantId, TestContext.Current.CancellationToken)).LastUsedAt);
    }
}
