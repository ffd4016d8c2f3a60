using McpAspire.LocalEngine.Running;

namespace McpAspire.LocalEngine.Tests.Running;

public sealed class RestartBackoffTests
{
    [Fact]
    public void Waits_double_and_the_sixth_crash_in_a_row_is_the_last()
    {
        var backoff = new RestartBackoff();
        double?[] waits = [.. Enumerable.Range(0, 6).Select(_ => backoff.Next(TimeSpan.Zero)?.TotalSeconds)];
        Assert.Equal([1, 2, 4, 8, 16, null], waits);
    }

    [Fact]
    public void A_minute_of_health_forgives()
    {
        var backoff = new RestartBackoff();
        backoff.Next(TimeSpan.Zero);
        Assert.Equal(2, backoff.Next(TimeSpan.FromSeconds(59))?.TotalSeconds);
        Assert.Equal(1, backoff.Next(TimeSpan.FromSeconds(60))?.TotalSeconds);
    }
}
