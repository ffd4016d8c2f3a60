namespace McpAspire.LocalEngine.Running;

internal static class DotnetHost
{
    /// <summary>The <c>dotnet</c> that runs this process, else the first on the PATH.</summary>
    internal static string Path { get; } = Find();

    private static string Find()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (System.IO.Path.GetFileName(Environment.ProcessPath) == name)
        {
            return Environment.ProcessPath!;
        }

        // …/dotnet/shared/Microsoft.NETCore.App/10.0.0/
        var installed = new DirectoryInfo(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory()).Parent?.Parent?.Parent;
        var beside = System.IO.Path.Combine(installed?.FullName ?? "", name);
        return File.Exists(beside) ? beside : Executables.Find(name) ?? name;
    }
}
