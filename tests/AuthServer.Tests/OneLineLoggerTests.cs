using McpAspire.AuthServer.Audit;
using McpAspire.TestKit;
using Microsoft.Extensions.Logging;

namespace McpAspire.AuthServer.Tests;

/// <summary>The text of an event is that of its template, as any logger would write it.</summary>
public sealed partial class OneLineLoggerTests
{
    private static readonly DateTimeOffset Moment = new(2026, 7, 28, 9, 8, 7, TimeSpan.FromHours(2));

    [Fact]
    public void Formats_and_alignments_are_kept()
    {
        using var logs = new CapturedLogs();
        Told(new OneLineLogger(logs.CreateLogger("Test")), "a key", Moment, 7, 0.25, null);
        Assert.StartsWith("Information Test: Made: a key, from 2026-07-28 07:08:07Z, [   007], [25 % ], nobody: (null). ", Assert.Single(logs.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_looks_like_a_place_of_the_template_stays_what_it_is()
    {
        using var logs = new CapturedLogs();
        Told(new OneLineLogger(logs.CreateLogger("Test")), "{Begins:u} {0}\n", Moment, 7, 0.25, null);
        Assert.Contains(@"Made: {Begins:u} {0}\u000A, from 2026", Assert.Single(logs.Lines), StringComparison.Ordinal);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Made: {What}, from {Begins:u}, [{Number,6:000}], [{Share,-5:0 %}], nobody: {Nobody}.")]
    private static partial void Told(ILogger logger, string what, DateTimeOffset begins, int number, double share, string? nobody);
}
