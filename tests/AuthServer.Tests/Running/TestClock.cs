using Microsoft.Extensions.Time.Testing;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>The clock that a test owns.</summary>
internal static class TestClock
{
    /// <summary>
    /// One that stands at the present, in whole milliseconds: PostgreSQL keeps microseconds, and what happens at one moment of this
    /// clock must still be at one moment when it comes back from there.
    /// </summary>
    internal static FakeTimeProvider New() => new(DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
}
