using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Clients.Documents;

/// <summary>Settings of client ID metadata documents and of what they lead to, section <c>ClientDocuments</c>.</summary>
internal sealed class DocumentOptions
{
    private const string Section = "ClientDocuments";

    /// <summary>The hosts whose documents are taken, exact or <c>*.example.com</c>. None: those of all hosts.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>The hosts whose documents are refused, whatever is allowed.</summary>
    public IList<string> DeniedHosts { get; } = [];

    /// <summary>How often one document, key set or logo may be asked for in a minute.</summary>
    public int AttemptsPerUrl { get; set; } = 10;

    /// <summary>How many documents, with their logos, and how many key sets one address may make us ask for in a minute.</summary>
    public int AttemptsPerSource { get; set; } = 30;

    /// <summary>How many bytes a document may have. Its draft recommends 5 KB.</summary>
    public int MostBytes { get; set; } = 5 * 1024;

    /// <summary>How many bytes the key set at a <c>jwks_uri</c> may have.</summary>
    public int MostKeyBytes { get; set; } = 32 * 1024;

    /// <summary>How many bytes a logo may have.</summary>
    public int MostLogoBytes { get; set; } = 64 * 1024;

    /// <summary>How many logos are kept.</summary>
    public int MostLogos { get; set; } = 500;

    /// <summary>How long documents and key sets are kept at least, whatever their headers say.</summary>
    public TimeSpan KeptAtLeast { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long they are kept at most.</summary>
    public TimeSpan KeptAtMost { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long they are kept where their headers say nothing.</summary>
    public TimeSpan KeptUnsaid { get; set; } = TimeSpan.FromMinutes(5);

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static DocumentOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<DocumentOptions>(configuration, Section);
        SettingRange.Check($"{Section}:{nameof(AttemptsPerUrl)}", options.AttemptsPerUrl, 1, 1_000_000);
        SettingRange.Check($"{Section}:{nameof(AttemptsPerSource)}", options.AttemptsPerSource, 1, 1_000_000);
        SettingRange.Check($"{Section}:{nameof(MostBytes)}", options.MostBytes, 1024, 1024 * 1024);
        SettingRange.Check($"{Section}:{nameof(MostKeyBytes)}", options.MostKeyBytes, 1024, 1024 * 1024);
        SettingRange.Check($"{Section}:{nameof(MostLogoBytes)}", options.MostLogoBytes, 1024, 1024 * 1024);
        SettingRange.Check($"{Section}:{nameof(MostLogos)}", options.MostLogos, 0, 100_000);
        SettingRange.Check($"{Section}:{nameof(KeptAtLeast)}", options.KeptAtLeast, TimeSpan.FromSeconds(10), TimeSpan.FromDays(1));
        SettingRange.Check($"{Section}:{nameof(KeptAtMost)}", options.KeptAtMost, options.KeptAtLeast, TimeSpan.FromDays(30));
        SettingRange.Check($"{Section}:{nameof(KeptUnsaid)}", options.KeptUnsaid, options.KeptAtLeast, options.KeptAtMost);
        if (options.AllowedHosts.Concat(options.DeniedHosts).FirstOrDefault(host => !IsHost(host)) is { } bad)
        {
            throw new InvalidOperationException(
                $"The setting '{Section}' names the host '{bad}'. Write a host name alone, such as client.example.com, or *.example.com for all below it.");
        }

        return options;
    }

    private static bool IsHost(string host) =>
        Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) is UriHostNameType.Dns or UriHostNameType.IPv4;
}
