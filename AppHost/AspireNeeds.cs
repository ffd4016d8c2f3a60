using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace McpAspire.AppHost;

/// <summary>
/// What Aspire needs of a machine to run this stack, checked at the start, so that what is missing is one line and not
/// a log. Another host engine checks its own needs: there, these calls are not compiled.
/// </summary>
internal static class AspireNeeds
{
    private static readonly TimeSpan PortPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PortPause = TimeSpan.FromMilliseconds(500);

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

    /// <summary>
    /// The fixed ports of the stack. Where one is taken, Aspire would wait for its resource for ever and say nothing. A stack that
    /// is just ending needs some seconds.
    /// </summary>
    [Conditional("ASPIRE")]
    internal static void RequireFreePorts(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode || TakenPort(builder) is not { } taken)
        {
            return;
        }

        Console.WriteLine($"Port {taken.Port} of {taken.Resource} is taken. Waiting {PortPatience.TotalSeconds:0} s for it, in case a stack is just ending.");
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < PortPatience)
        {
            Thread.Sleep(PortPause);
            if (TakenPort(builder) is not { } still)
            {
                return;
            }

            taken = still;
        }

        Stop($"Port {taken.Port} of {taken.Resource} is taken by another program. End that, or choose another port: --Ports:{taken.Resource}=N");
    }

    private static (string Resource, int Port)? TakenPort(IDistributedApplicationBuilder builder)
    {
        foreach (var resource in builder.Resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                if (endpoint.Port is { } port && IsTaken(port))
                {
                    return (resource.Name, port);
                }
            }
        }

        return null;
    }

    private static bool IsTaken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
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
