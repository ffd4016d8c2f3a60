using Xunit;

namespace McpAspire.Stack.Tests.Running;

/// <summary>ASP.NET's developer certificate. Made and trusted where the tests may (as root in CI), else asked for.</summary>
internal static class DeveloperCertificate
{
    private static readonly string Folder = Path.Combine(
        System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".aspnet", "dev-certs", "trust");

    /// <summary>On Linux a process trusts it when SSL_CERT_DIR names its folder.</summary>
    internal static IReadOnlyDictionary<string, string> Environment { get; } = OperatingSystem.IsLinux()
        ? new Dictionary<string, string> { ["SSL_CERT_DIR"] = $"{Folder}:/etc/ssl/certs" }
        : new Dictionary<string, string>();

    internal static void SkipWithoutTrustedOne()
    {
        if (!IsTrusted() && Command.MayInstallByApt)
        {
            Command.Run(Environment, "dotnet", "dev-certs", "https", "--trust");
        }

        Assert.SkipUnless(IsTrusted(), "there is no trusted developer certificate; make one with: dotnet dev-certs https --trust");
    }

    private static bool IsTrusted() => Command.Run(Environment, "dotnet", "dev-certs", "https", "--check", "--trust").ExitCode == 0;
}
