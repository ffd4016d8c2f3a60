using McpAspire.LocalEngine.CommandLine;

namespace McpAspire.LocalEngine.Tests.CommandLine;

public sealed class HostArgumentsTests
{
    [Theory]
    [InlineData("--Ports:authserver=5101")]
    [InlineData("--Ports:authserver", "5101")]
    [InlineData("Ports:authserver=5101")]
    [InlineData("/Ports:authserver=5101")]
    public void Settings_are_written_as_in_dotnet(params string[] args)
    {
        var arguments = HostArguments.Parse(args);
        Assert.Null(arguments.Error);
        Assert.Equal("5101", arguments.Settings["Ports:authserver"]);
    }

    [Theory]
    [InlineData("--data", "there")]
    [InlineData("--data=there")]
    public void The_data_folder_is_a_setting(params string[] args) =>
        Assert.Equal("there", HostArguments.Parse(args).Settings["DataFolder"]);

    [Fact]
    public void Switches_go_together()
    {
        var arguments = HostArguments.Parse(["--reset", "--no-color", "--Ports:a=1"]);
        Assert.Null(arguments.Error);
        Assert.True(arguments is { Reset: true, NoColor: true, Help: false });
        Assert.True(HostArguments.Parse(["--help"]).Help);
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("bogus")]
    [InlineData("--reset=yes")]
    [InlineData("-Ports:a=1")]
    [InlineData("--Ports:=1")]
    [InlineData("--Ports=1")]
    public void Anything_else_is_refused(string argument) =>
        Assert.Equal($"Unknown argument: {argument}", HostArguments.Parse([argument]).Error);

    [Theory]
    [InlineData("--data")]
    [InlineData("--Ports:a")]
    [InlineData("--Ports:a=")]
    public void A_value_must_follow(string argument) =>
        Assert.Contains("needs a value", HostArguments.Parse([argument]).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("--operation", "publish")]
    [InlineData("--publisher", "manifest")]
    public void Publishing_is_left_to_Aspire(params string[] args) =>
        Assert.Contains("HostEngine=aspire", HostArguments.Parse(args).Error, StringComparison.Ordinal);
}
