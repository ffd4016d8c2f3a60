using Aspire.Hosting;

namespace McpAspire.LocalEngine.Redis;

/// <summary>One setting of a Redis server.</summary>
internal sealed record RedisOption(string Name, IReadOnlyList<string> Values);

/// <summary>Reads settings as redis-server takes them on its command line: <c>--name value …</c>.</summary>
internal static class RedisOptions
{
    internal static IReadOnlyList<RedisOption> Parse(IEnumerable<string> arguments)
    {
        var options = new List<RedisOption>();
        var values = new List<string>();
        foreach (var argument in arguments)
        {
            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                values = [];
                options.Add(new RedisOption(argument[2..], values));
            }
            else if (options.Count > 0)
            {
                values.Add(argument);
            }
            else
            {
                throw new DistributedApplicationException($"Redis options look like '--name value'; '{argument}' does not.");
            }
        }

        return options;
    }
}
