using McpAspire.ServiceDefaults.PublicUrls;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

public class PublicUrlTests
{
    [Theory]
    [InlineData("http://localhost:5100", "http://localhost:5100")]
    [InlineData("http://localhost:5100/", "http://localhost:5100")]
    [InlineData("https://auth.example.com", "https://auth.example.com")]
    public void The_value_is_the_configured_text_without_a_trailing_slash(string configured, string value) =>
        Assert.Equal(value, PublicUrl.Parse(configured, development: true).Value);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("auth.example.com")]
    [InlineData("ftp://auth.example.com")]
    [InlineData("https://auth.example.com/path")]
    [InlineData("https://auth.example.com/?a=b")]
    [InlineData("https://auth.example.com/#here")]
    [InlineData("https://user@auth.example.com")]
    [InlineData("http://auth.example.com")]
    public void What_can_be_no_identity_is_refused_and_the_message_names_the_setting(string? configured)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => PublicUrl.Parse(configured, development: true));
        Assert.Contains("'PublicUrl'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_http_on_loopback_is_for_Development_only() =>
        Assert.Throws<InvalidOperationException>(() => PublicUrl.Parse("http://localhost:5100", development: false));

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.8.8", true)]
    [InlineData("[::1]", true)]
    [InlineData("localhost.example.com", false)]
    [InlineData("10.0.0.1", false)]
    public void Names_of_this_machine_are_known(string host, bool loopback) =>
        Assert.Equal(loopback, PublicUrl.IsLoopbackName(host));
}
