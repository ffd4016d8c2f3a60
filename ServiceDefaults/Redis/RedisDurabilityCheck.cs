using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace McpAspire.ServiceDefaults.Redis;

/// <summary>
/// Warns, once at the start, where the Redis that sessions live in would lose them: one that is not append-only, or
/// that drops keys when it is full. Where INFO does not say, nothing is said.
/// </summary>
internal sealed partial class RedisDurabilityCheck(IConnectionMultiplexer redis, ILogger<RedisDurabilityCheck> logger) : BackgroundService
{
    // INFO itself is for administrators' connections only, by the client's own rule.
    private const string Info = "return redis.call('INFO')";

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong with a Redis that describes itself so.</summary>
    /// <param name="info">The answer to INFO.</param>
    internal static IEnumerable<string> Complaints(string info)
    {
        foreach (var fact in info.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (fact == "aof_enabled:0")
            {
                yield return "it is not append-only, so what it acknowledged may be lost when it stops: start it with --appendonly yes";
            }
            else if (fact.StartsWith("maxmemory_policy:", StringComparison.Ordinal) && fact != "maxmemory_policy:noeviction")
            {
                yield return "it drops keys when it is full, sessions among them: start it with --maxmemory-policy noeviction";
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TryCheckAsync())
        {
            await Task.Delay(RetryAfter, stoppingToken);
        }
    }

    /// <summary>False where Redis did not answer yet.</summary>
    private async Task<bool> TryCheckAsync()
    {
        try
        {
            foreach (var complaint in Complaints((string?)await redis.GetDatabase().ScriptEvaluateAsync(Info) ?? ""))
            {
                Unfit(complaint);
            }

            return true;
        }
        catch (RedisServerException)
        {
            return true; // A server that does not know INFO can't say.
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is not fit to keep sessions: {Complaint}")]
    private partial void Unfit(string complaint);
}
