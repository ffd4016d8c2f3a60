using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Data.Sqlite;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>Other users of the machine read neither the database nor a backup of it.</summary>
public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly RedisServer _redis = new();
    private readonly string _parent = Directory.CreateTempSubdirectory("authserver-tests-").FullName;

    private string Folder => Path.Combine(_parent, "data");

    private string File => Path.Combine(Folder, "authserver.db");

    public PrivateFileTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has permissions of another kind.");

    [Fact]
    public async Task The_folder_the_database_and_all_beside_it_and_a_backup_are_its_users_alone()
    {
        await using var server = await StartAsync();
        using (var browser = new TestBrowser(server.Issuer))
        {
            await browser.SubmitAsync(await browser.GoAsync("/sign-in"), new() { ["username"] = "alice", ["password"] = "alice" });
        }

        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, ModeOf(Folder));
        foreach (var end in new[] { "", "-wal", "-shm", ".lock" })
        {
            Assert.Equal((end, OwnerOnly), (end, ModeOf(File + end)));
        }

        var backup = Path.Combine(_parent, "backup.db");
        var (exitCode, output) = await ServiceCommand.RunAsync(server, "database", "backup", backup);
        Assert.True(exitCode == 0, output);
        Assert.Equal(OwnerOnly, ModeOf(backup));
    }

    [Fact]
    public async Task What_an_operator_made_keeps_its_permissions()
    {
        var forGroup = OwnerOnly | UnixFileMode.GroupRead;
        Directory.CreateDirectory(Folder);
        await System.IO.File.WriteAllBytesAsync(File, [], TestContext.Current.CancellationToken);
        SetMode(Folder, forGroup | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
        SetMode(File, forGroup);
        await using var server = await StartAsync();
        Assert.Equal(forGroup, ModeOf(File));
        Assert.Equal(forGroup | UnixFileMode.UserExecute | UnixFileMode.GroupExecute, ModeOf(Folder));
    }

    public void Dispose()
    {
        _redis.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_parent, recursive: true);
    }

    private Task<RunningAuthServer> StartAsync() => RunningAuthServer.StartAsync(_redis.ConnectionString, folder: Folder, database: $"Data Source={File}");

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : System.IO.File.GetUnixFileMode(path);

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, mode);
        }
    }
}
