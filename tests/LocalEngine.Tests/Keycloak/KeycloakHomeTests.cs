using Aspire.Hosting;
using McpAspire.LocalEngine.Keycloak;
using McpAspire.LocalEngine.Tests.Hosts;

namespace McpAspire.LocalEngine.Tests.Keycloak;

public sealed class KeycloakHomeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KeycloakHomeTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");

    [Fact]
    public void What_Keycloak_writes_is_copied_and_the_rest_is_linked()
    {
        var distribution = Distribution("26.6.4");
        var home = KeycloakHome.Prepare(distribution, Folder, keepData: true);
        Assert.Null(new FileInfo(Path.Combine(home, "bin", "kc.sh")).LinkTarget);
        Assert.Null(new FileInfo(Path.Combine(home, "lib", "quarkus-run.jar")).LinkTarget);
        Assert.Null(new DirectoryInfo(Path.Combine(home, "lib", "quarkus")).LinkTarget);
        Assert.Equal(Path.Combine(distribution, "lib", "lib"), new DirectoryInfo(Path.Combine(home, "lib", "lib")).LinkTarget);
        File.WriteAllText(Path.Combine(home, "lib", "quarkus", "app.dat"), "built");
        Assert.Equal("26.6.4", File.ReadAllText(Path.Combine(distribution, "lib", "quarkus", "app.dat")));
        Assert.False(Directory.Exists(Path.Combine(distribution, "data")));
    }

    [Fact]
    public void Another_version_makes_the_copy_anew_and_keeps_the_data()
    {
        var home = KeycloakHome.Prepare(Distribution("26.6.4"), Folder, keepData: true);
        File.WriteAllText(Path.Combine(home, "data", "h2"), "accounts");
        KeycloakHome.Prepare(Distribution("26.6.5"), Folder, keepData: true);
        Assert.Equal("26.6.5", File.ReadAllText(Path.Combine(home, "lib", "quarkus", "app.dat")));
        Assert.Equal("accounts", File.ReadAllText(Path.Combine(home, "data", "h2")));
    }

    [Fact]
    public void Without_a_volume_the_data_are_gone_at_the_next_start()
    {
        var distribution = Distribution("26.6.4");
        var home = KeycloakHome.Prepare(distribution, Folder, keepData: false);
        File.WriteAllText(Path.Combine(home, "data", "h2"), "accounts");
        KeycloakHome.Prepare(distribution, Folder, keepData: false);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(home, "data")));
    }

    [Fact]
    public void Realm_files_are_read_for_their_names()
    {
        Directory.CreateDirectory(_folder["realms"]);
        File.WriteAllText(_folder["realms/b.json"], """{ "realm": "lab" }""");
        Assert.Equal(["lab"], RealmFile.In(_folder["realms"]).Select(realm => realm.Name));
        File.WriteAllText(_folder["realms/a.json"], """{ "id": "lab" }""");
        Assert.Throws<DistributedApplicationException>(() => RealmFile.In(_folder["realms"]).ToList());
        Assert.Throws<DistributedApplicationException>(() => RealmFile.In(_folder["nowhere"]).ToList());
    }

    [Theory]
    [InlineData("openjdk version \"17.0.15\" 2025-04-15", 17)]
    [InlineData("openjdk version \"21\" 2023-09-19", 21)]
    [InlineData("java version \"1.8.0_401\"", 8)]
    [InlineData("nonsense", null)]
    public void The_release_of_Java_is_read_from_its_answer(string answer, int? release) => Assert.Equal(release, Java.Major(answer));

    public void Dispose() => _folder.Dispose();

    private string Folder => Directory.CreateDirectory(_folder["data"]).FullName;

    private string Distribution(string version)
    {
        foreach (var (path, text) in new[]
        {
            ("version.txt", version), ("bin/kc.sh", "#!/bin/sh"), ("bin/client/x.jar", ""), ("conf/keycloak.conf", ""),
            ("lib/quarkus-run.jar", ""), ("lib/quarkus/app.dat", version), ("lib/lib/x.jar", ""),
        })
        {
            var file = _folder[Path.Combine("distribution", path)];
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        return _folder["distribution"];
    }
}
