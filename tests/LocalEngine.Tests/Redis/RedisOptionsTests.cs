using Aspire.Hosting;
using McpAspire.LocalEngine.Redis;

namespace McpAspire.LocalEngine.Tests.Redis;

public sealed class RedisOptionsTests
{
    [Fact]
    public void Options_are_read_as_redis_server_reads_them()
    {
        var options = RedisOptions.Parse(["--appendonly", "yes", "--save", "60", "1"]);
        Assert.Equal(["appendonly yes", "save 60 1"], options.Select(option => $"{option.Name} {string.Join(' ', option.Values)}"));
        Assert.Throws<DistributedApplicationException>(() => RedisOptions.Parse(["yes"]));
    }

    [Theory]
    [InlineData("yes", true)]
    [InlineData("no", false)]
    public void The_embedded_server_appends_and_waits_only_where_the_description_says_so(string appendOnly, bool expected)
    {
        var settings = new RedisSettings(1, "secret", "folder", RedisOptions.Parse(["--appendonly", appendOnly]));
        Assert.Equal(expected, EmbeddedRedis.Arguments(settings).Contains("--aof-commit-wait"));
    }
}
