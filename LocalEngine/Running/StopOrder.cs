using Aspire.Hosting;

namespace McpAspire.LocalEngine.Running;

/// <summary>Orders resources by who waits for whom.</summary>
internal static class StopOrder
{
    /// <summary>The waves in which to stop: each holds those that no later one waits for.</summary>
    internal static List<IReadOnlyList<ResourceRunner>> Waves(IReadOnlyList<ResourceRunner> runners)
    {
        var waves = new List<IReadOnlyList<ResourceRunner>>();
        var left = runners.ToList();
        while (left.Count > 0)
        {
            var free = left.Where(runner => !left.Exists(other => other.Dependencies.Contains(runner))).ToList();
            if (free.Count == 0)
            {
                throw new DistributedApplicationException(
                    $"These resources wait for each other: {string.Join(", ", left.Select(runner => runner.Name))}.");
            }

            waves.Add(free);
            left.RemoveAll(free.Contains);
        }

        return waves;
    }
}
