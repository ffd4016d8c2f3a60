using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpAspire.LocalEngine.Fixture;

/// <summary>
/// A service that behaves as it is told: <c>crashing</c> ends at once, <c>stubborn</c> takes no notice of SIGTERM,
/// <c>parent</c> starts a process of its own.
/// </summary>
internal static class FixtureService
{
    internal static async Task<int> RunAsync(string[] behaviours)
    {
        if (behaviours.Contains("crashing"))
        {
            return 3;
        }

        using var stubborn = behaviours.Contains("stubborn")
            ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true)
            : null;
        if (behaviours.Contains("parent"))
        {
            using var child = Process.Start("sleep", "600");
            Console.WriteLine($"grandchild {child.Id}");
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(Environment.GetEnvironmentVariable("ASPNETCORE_URLS")!);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/health":
                    context.Response.StatusCode = StatusCodes.Status200OK;
                    break;
                case "/environment":
                    await context.Response.WriteAsJsonAsync(Environment.GetEnvironmentVariables());
                    break;
                case "/crash":
                    Environment.Exit(7);
                    break;
                default:
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    break;
            }
        });
        if (stubborn is null)
        {
            await app.RunAsync();
        }
        else
        {
            await app.StartAsync();
            await Task.Delay(Timeout.Infinite);
        }

        return 0;
    }
}
