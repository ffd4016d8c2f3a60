namespace McpAspire.AppHost;

/// <summary>Where the stack keeps what must survive.</summary>
internal static class Stores
{
    /// <summary>
    /// Makes Redis write every change to its append-only file before it answers. WithPersistence alone makes snapshots,
    /// which lose up to a minute.
    /// </summary>
    internal static IResourceBuilder<RedisResource> WithAppendOnlyFile(this IResourceBuilder<RedisResource> redis) =>
        redis.WithArgs(context =>
        {
            string[] options = ["--appendonly", "yes", "--maxmemory-policy", "noeviction"];
            if (context.ExecutionContext.IsRunMode)
            {
                foreach (var option in options)
                {
                    context.Args.Add(option);
                }
            }
            else
            {
                // Published, the whole command is one string for the shell.
                context.Args[^1] = $"{context.Args[^1]} {string.Join(' ', options)}";
            }
        });

    /// <summary>
    /// Says where the database of AuthServer is: a file in a folder of its own on this machine, kept over restarts. Published,
    /// its operator says it, since a file in a container goes with that.
    /// </summary>
    internal static IResourceBuilder<ProjectResource> WithDatabase(this IResourceBuilder<ProjectResource> service)
    {
        var builder = service.ApplicationBuilder;
        if (builder.ExecutionContext.IsPublishMode)
        {
            return service.WithEnvironment("ConnectionStrings__accounts", builder.AddParameter($"{service.Resource.Name}-database", secret: true));
        }

        // Named as the user secrets are: the keys that open the data live there.
        var root = builder.Configuration["DataFolder"] ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "mcp-aspire-apphost");
        return service.WithEnvironment("DataFolder", Path.Combine(root, service.Resource.Name));
    }

    /// <summary>Gives a service a secret that wraps its keys where they are stored: generated once, then kept.</summary>
    internal static IResourceBuilder<ProjectResource> WithWrappingKey(this IResourceBuilder<ProjectResource> service)
    {
        var key = service.ApplicationBuilder.AddParameter(
            $"{service.Resource.Name}-wrapping-key",
            new GenerateParameterDefault { MinLength = 44, Special = false },
            secret: true,
            persist: true);
        return service.WithEnvironment("DataProtection__WrappingKey", key);
    }
}
