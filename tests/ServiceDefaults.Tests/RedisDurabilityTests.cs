using McpAspire.ServiceDefaults.Redis;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

public class RedisDurabilityTests
{
    [Theory]
    [InlineData("# Persistence\r\naof_enabled:0\r\n", "--appendonly yes")]
    [InlineData("# Memory\r\nmaxmemory_policy:allkeys-lru\r\n", "--maxmemory-policy noeviction")]
    public void A_Redis_that_would_lose_sessions_is_complained_of(string info, string mend) =>
        Assert.Contains(mend, Assert.Single(RedisDurabilityCheck.Complaints(info)), StringComparison.Ordinal);

    [Theory]
    [InlineData("aof_enabled:1\r\nmaxmemory_policy:noeviction\r\n")]
    [InlineData("# Server\r\nredis_version:7.4.3\r\n")]
    public void One_that_keeps_them_or_does_not_say_is_not(string info) => Assert.Empty(RedisDurabilityCheck.Complaints(info));
}
