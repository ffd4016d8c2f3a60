using Aspire.Hosting;
using McpAspire.LocalEngine.Data;
using McpAspire.LocalEngine.Tests.Hosts;

namespace McpAspire.LocalEngine.Tests.Data;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private DataFolder Data => new(_folder["data"]);

    [Fact]
    public void Only_its_owner_may_look_inside()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), Signals.WindowsHasNone);
        using var held = Data.Open("http", reset: false);
        new SecretStore(Data).GetOrCreate("a", () => "b");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Signals.ModeOf(_folder["data"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Signals.ModeOf(Path.Combine(_folder["data"], "secrets.json")));
    }

    [Fact]
    public void It_remembers_the_profile_that_it_was_made_under_until_it_is_reset()
    {
        Data.Open("http", reset: false).Dispose();
        Data.Open("https", reset: false).Dispose();
        Assert.Equal("http", Data.MadeUnder);
        Data.Open("https", reset: true).Dispose();
        Assert.Equal("https", Data.MadeUnder);
    }

    [Fact]
    public void Reset_empties_it_but_follows_no_link_out_of_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        var outside = Directory.CreateDirectory(_folder["outside"]).FullName;
        File.WriteAllText(Path.Combine(outside, "mine"), "");
        Data.Open("http", reset: false).Dispose();
        File.WriteAllText(Path.Combine(Data.For("store"), "x"), "");
        Directory.CreateSymbolicLink(Path.Combine(_folder["data"], "link"), outside);
        Directory.CreateSymbolicLink(Path.Combine(Data.For("store"), "link"), outside);

        Data.Open("http", reset: true).Dispose();
        Assert.False(Directory.Exists(Path.Combine(_folder["data"], "store")));
        Assert.True(File.Exists(Path.Combine(outside, "mine")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_folder_with_other_things_in_it_is_left_alone(bool reset)
    {
        Directory.CreateDirectory(_folder["data"]);
        File.WriteAllText(_folder["data/thesis.txt"], "");
        var error = Assert.Throws<DistributedApplicationException>(() => Data.Open("http", reset));
        Assert.Contains("--data DIR", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["data/thesis.txt"]));
    }

    [Fact]
    public void Secrets_are_made_once_and_a_damaged_store_is_named()
    {
        using var held = Data.Open("http", reset: false);
        Assert.Equal("one", new SecretStore(Data).GetOrCreate("a", () => "one"));
        Assert.Equal("one", new SecretStore(Data).GetOrCreate("a", () => "two"));
        File.WriteAllText(_folder["data/secrets.json"], "{");
        var error = Assert.Throws<DistributedApplicationException>(() => new SecretStore(Data).GetOrCreate("a", () => "two"));
        Assert.Contains("secrets.json is damaged", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
