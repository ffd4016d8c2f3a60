using System.Diagnostics;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>A command of the service in a process of its own, with the settings of a server of the tests, which runs or did.</summary>
internal static class ServiceCommand
{
    internal static async Task<(int ExitCode, string Output)> RunAsync(IAuthServer server, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_ENVIRONMENT"] = "Development",
                ["PublicUrl"] = server.Issuer,
                ["DataFolder"] = server.Folder,
                ["ConnectionStrings__accounts"] = server.Database,
                ["ConnectionStrings__sessions"] = server.Redis,
                ["DataProtection__WrappingKey"] = RunningAuthServer.WrappingKey,
            },
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
