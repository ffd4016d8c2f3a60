using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

/// <summary>What is told in one message when it ends a start, and what stays a crash with its stack.</summary>
public sealed class StartFailureTests
{
    [Fact]
    public void A_check_of_a_setting_is_explained() =>
        Assert.Equal("The setting 'Some:Limit' is 0. Set it to something from 1 to 5.", Explained(() => SettingRange.Check("Some:Limit", 0, 1, 5)));

    [Fact]
    public async Task So_is_one_in_code_that_waits()
    {
        static async Task CheckAsync()
        {
            await Task.Yield();
            throw new InvalidOperationException("The setting 'X' is missing.");
        }

        Assert.Equal("The setting 'X' is missing.", StartFailure.ExplanationOf(await Assert.ThrowsAsync<InvalidOperationException>(CheckAsync)));
    }

    [Fact]
    public void So_is_a_value_that_can_not_be_read() =>
        Assert.Contains("'Some:Limit'", Explained(() =>
            new ConfigurationBuilder().AddInMemoryCollection([new("Some:Limit", "many")]).Build().GetValue<int>("Some:Limit")));

    [Fact]
    public void So_is_a_check_of_options() =>
        Assert.Equal("It is wrong.", Explained(() => throw new OptionsValidationException("name", typeof(string), ["It is wrong."])));

    [Fact]
    public void What_the_framework_or_a_mistake_of_ours_throws_is_a_crash()
    {
        Assert.Null(Explained(() => _ = Enumerable.Empty<int>().Single()));
        Assert.Null(Explained(() => throw new ObjectDisposedException("something")));
        Assert.Null(Explained(() => throw new ArgumentException("something")));
    }

    private static string? Explained(Action check) => StartFailure.ExplanationOf(Record.Exception(check)!);
}
