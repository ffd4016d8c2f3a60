using System.Diagnostics;

namespace McpAspire.AppHost;

/// <summary>
/// What Aspire needs of a machine to run this stack, checked at the start, so that what is missing is one line and not
/// a log. Another host engine checks its own needs: there, these calls are not compiled.
/// </summary>
internal static class AspireNeeds
{
    /// <summary>A container runtime for Redis and Keycloak.</summary>
    [Conditional("ASPIRE")]
    internal static void RequireContainerRuntime(this IDistributedApplicationBuilder builder)
    {
        var chosen = builder.Configuration["ASPIRE_CONTAINER_RUNTIME"] ?? builder.Configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        string[] runtimes = chosen is { Length: > 0 } ? [chosen] : ["docker", "podman"];
        if (builder.ExecutionContext.IsRunMode && !runtimes.Any(runtime => Succeeds(runtime, "info")))
        {
            Stop($"No container runtime answers ({string.Join(", ", runtimes)}). Start one, or run without containers: "
                + "dotnet run --project AppHost -p:HostEngine=local");
        }
    }

    /// <summary>Under https, the developer certificate that everything is served with.</summary>
    [Conditional("ASPIRE")]
    internal static void RequireDeveloperCertificate(this IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsRunMode && builder.IsHttps() && !Succeeds("dotnet", "dev-certs", "https", "--check", "--trust"))
        {
            Stop("The https profile needs a trusted developer certificate. Make and trust it: dotnet dev-certs https --trust");
        }
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process.WaitForExit(TimeSpan.FromSeconds(20)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // It is not installed.
        }
    }

    private static void Stop(string message)
    {
        Console.Error.WriteLine(message);
        Environment.Exit(1);
    }
}
