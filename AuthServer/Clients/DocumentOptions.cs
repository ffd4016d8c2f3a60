namespace McpAspire.AuthServer.Clients;

/// <summary>Settings of client ID metadata documents, section <c>ClientDocuments</c>.</summary>
internal sealed class DocumentOptions
{
    private const string Section = "ClientDocuments";

    /// <summary>The hosts whose documents are taken, exact or <c>*.example.com</c>. None: those of all hosts.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>The hosts whose documents are refused, whatever is allowed.</summary>
    public IList<string> DeniedHosts { get; } = [];

    /// <summary>How often one document may be asked for in a minute.</summary>
    public int AttemptsPerUrl { get; set; } = 10;

    /// <summary>How many documents one address may make us ask for in a minute.</summary>
    public int AttemptsPerSource { get; set; } = 30;

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static DocumentOptions From(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<DocumentOptions>() ?? new DocumentOptions();
        if (options.AttemptsPerUrl < 1 || options.AttemptsPerSource < 1)
        {
            throw new InvalidOperationException($"The settings '{Section}:AttemptsPerUrl' and '{Section}:AttemptsPerSource' must be 1 or more.");
        }

        if (options.AllowedHosts.Concat(options.DeniedHosts).FirstOrDefault(host => !IsHost(host)) is { } bad)
        {
            throw new InvalidOperationException($"The setting '{Section}' names the host '{bad}'. Write a host name alone, such as client.example.com, or *.example.com for all below it.");
        }

        return options;
    }

    private static bool IsHost(string host) =>
        Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) is UriHostNameType.Dns or UriHostNameType.IPv4;
}
