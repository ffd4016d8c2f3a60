using McpAspire.ClientWeb.Connections.Discovery;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Units;

public sealed class WwwAuthenticateParserTests
{
    [Fact]
    public void A_challenge_with_quoted_and_plain_parameters()
    {
        var challenge = Assert.Single(WwwAuthenticateParser.Parse("Bearer error=invalid_token, error_description=\"It has \\\"expired\\\", sorry\" ,scope = \"a b\""));

        Assert.Equal("Bearer", challenge.Scheme);
        Assert.Equal("invalid_token", challenge["error"]);
        Assert.Equal("It has \"expired\", sorry", challenge["ERROR_DESCRIPTION"]);
        Assert.Equal("a b", challenge["scope"]);
    }

    [Fact]
    public void Several_challenges_in_one_line_keep_their_parameters_apart()
    {
        var challenges = WwwAuthenticateParser.Parse("Basic realm=\"a, Bearer b\", charset=\"UTF-8\", Negotiate, Bearer resource_metadata=\"https://x/y?z=1,2\", scope=\"s\"");

        Assert.Equal(["Basic", "Negotiate", "Bearer"], challenges.Select(challenge => challenge.Scheme));
        Assert.Equal("a, Bearer b", challenges[0]["realm"]);
        Assert.Empty(challenges[1].Parameters);
        Assert.Equal("https://x/y?z=1,2", challenges[2]["resource_metadata"]);
    }

    [Theory]
    [InlineData("Negotiate YIIBuQYGKwYB+/8=", "YIIBuQYGKwYB+/8=")]
    [InlineData("Negotiate abc== , Bearer scope=s", "abc==")]
    public void A_token68_stands_alone(string header, string expected)
    {
        var challenge = WwwAuthenticateParser.Parse(header)[0];

        Assert.Equal(expected, challenge.Token68);
        Assert.Empty(challenge.Parameters);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ,")]
    [InlineData("=")]
    [InlineData("\"Bearer\"")]
    public void What_is_no_challenge_gives_none(string header) => Assert.Empty(WwwAuthenticateParser.Parse(header));

    [Theory]
    [InlineData("Bearer scope=\"never closed")]
    [InlineData("Bearer scope=")]
    [InlineData("Bearer scope=\"ends with a backslash\\")]
    public void After_a_fault_nothing_is_made_up(string header) => Assert.Null(Assert.Single(WwwAuthenticateParser.Parse(header))["scope"]);

    [Fact]
    public void Of_a_repeated_parameter_the_first_counts() =>
        Assert.Equal("a", Assert.Single(WwwAuthenticateParser.Parse("Bearer scope=a, scope=b"))["scope"]);
}
