using System.Diagnostics;

namespace McpAspire.AuthServer.Tests;

/// <summary>What an operator sees of a start that a setting stops: one message, and no dump of a crash.</summary>
public sealed class StartFailureTests
{
    [Theory]
    [InlineData("AuthServer", "PublicUrl", "", "AuthServer can't start. The setting 'PublicUrl' is missing.")]
    [InlineData("AuthServer", "SignIn__Lockout__After", "0", "AuthServer can't start. The setting 'SignIn:Lockout:After' is 0.")]
    [InlineData("AuthServer", "RequirePushedAuthorizationRequests", "perhaps", "AuthServer can't start. ")]
    [InlineData("McpServer", "PublicUrl", "http://elsewhere.example", "McpServer can't start. The setting 'PublicUrl' is 'http://elsewhere.example'")]
    public async Task It_is_one_message(string service, string setting, string value, string message)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "..", "..", service, new DirectoryInfo(AppContext.BaseDirectory).Name);
        var data = Directory.CreateTempSubdirectory("authserver-tests-");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(folder, $"{service}.dll"), "--contentRoot", folder, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_ENVIRONMENT"] = "Development", ["DataFolder"] = data.FullName, [setting] = value },
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith(message, await errors, StringComparison.Ordinal);
        Assert.Single((await errors).TrimEnd().Split('\n'));
        Assert.DoesNotContain("   at ", await output, StringComparison.Ordinal);
        data.Delete(recursive: true);
    }
}
