using System.Text.Json;
using McpAspire.LocalEngine.Data;
using McpAspire.LocalEngine.Processes;
using McpAspire.LocalEngine.Running;

namespace McpAspire.LocalEngine.Redis;

/// <summary>Garnet, which speaks Redis, in a process of its own: this assembly, run as a program.</summary>
internal sealed class EmbeddedRedis : RedisServer
{
    /// <summary>Sizes for a development machine; Garnet's own are for a server.</summary>
    private static readonly string[] Sizes =
        ["--memory", "128m", "--page", "4m", "--index", "16m", "--aof-memory", "64m", "--aof-page-size", "16m"];

    internal override ProcessSpec Prepare(string folder, RedisSettings settings)
    {
        var path = Path.Combine(folder, "garnet.json");
        PrivateFiles.Write(path, JsonSerializer.Serialize(Arguments(settings)));
        return new ProcessSpec(
            DotnetHost.Path, ["exec", typeof(EmbeddedRedis).Assembly.Location, path], settings.DataFolder, new Dictionary<string, string>
            {
                ["DOTNET_gcConcurrent"] = "0",
            });
    }

    internal static string[] Arguments(RedisSettings settings) =>
    [
        "--port", settings.PortText,
        "--bind", "127.0.0.1",
        "--auth", "Password",
        "--password", settings.Password,
        "--lua",
        "-c", settings.DataFolder,
        .. Sizes,
        // The native device needs a newer C library than many machines have.
        "--device-type", "RandomAccess",
        // What is acknowledged has reached the file, as with Redis's append-only file.
        .. settings.AppendOnly ? ["--aof", "--aof-commit-wait", "--recover"] : Array.Empty<string>(),
    ];
}
