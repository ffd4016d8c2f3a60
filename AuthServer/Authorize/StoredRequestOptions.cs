namespace McpAspire.AuthServer.Authorize;

/// <summary>Settings of the requests that anybody may make us store, section <c>StoredRequests</c>.</summary>
internal sealed class StoredRequestOptions
{
    private const string Section = "StoredRequests";

    /// <summary>How many one address may make us store in a minute.</summary>
    public int PerMinute { get; set; } = 120;

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static StoredRequestOptions From(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<StoredRequestOptions>() ?? new StoredRequestOptions();
        return options.PerMinute >= 1
            ? options
            : throw new InvalidOperationException($"The setting '{Section}:PerMinute' must be 1 or more, for example 120.");
    }
}
