using Aspire.Hosting;
using McpAspire.LocalEngine.Processes;

namespace McpAspire.LocalEngine.Redis;

/// <summary>A program that serves Redis.</summary>
internal abstract class RedisServer
{
    /// <summary>Writes its configuration, which only its owner may read, and says how to start it.</summary>
    /// <param name="folder">Where the configuration may lie.</param>
    /// <param name="settings">What it is told.</param>
    internal abstract ProcessSpec Prepare(string folder, RedisSettings settings);

    /// <summary>Takes the one that was asked for; unasked an installed one, else the embedded one.</summary>
    /// <exception cref="DistributedApplicationException">The asked one is not to be had.</exception>
    internal static async ValueTask<RedisServer> ChooseAsync(string? asked, CancellationToken cancellationToken)
    {
        switch (asked)
        {
            case null or "":
                return await InstalledRedis.FindAsync(cancellationToken).ConfigureAwait(false) ?? (RedisServer)new EmbeddedRedis();
            case "embedded":
                return new EmbeddedRedis();
            case "installed":
                return await InstalledRedis.FindAsync(cancellationToken).ConfigureAwait(false) ?? throw new DistributedApplicationException(
                    $"LocalEngine:Redis says 'installed', and there is no redis-server {InstalledRedis.OldestMajor} or newer on the PATH.");
            default:
                throw new DistributedApplicationException($"LocalEngine:Redis is 'installed' or 'embedded', not '{asked}'.");
        }
    }
}
