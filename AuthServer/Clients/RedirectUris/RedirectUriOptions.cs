using System.Collections.Immutable;
using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Clients.RedirectUris;

/// <summary>Settings of redirect URIs, section <c>RedirectUris</c>.</summary>
internal sealed class RedirectUriOptions
{
    /// <summary>The schemes that no setting opens: https and http have rules of their own, the others are no programs of a person.</summary>
    internal static readonly ImmutableHashSet<string> NeverSchemes =
        ["http", "https", "javascript", "data", "file", "blob", "about", "ftp", "ws", "wss", "mailto", "vbscript", "view-source"];

    private const string Section = "RedirectUris";

    private static readonly string[] DefaultSchemes = ["vscode", "vscode-insiders", "cursor", "windsurf"];

    /// <summary>The private-use schemes without a dot that may be registered (RFC 8252 §7.1). Default: those of some editors.</summary>
    public string[] PrivateUseSchemes { get; set; } = [];

    /// <summary>How many characters one may have.</summary>
    public int Longest { get; set; } = 2048;

    /// <summary>How many a client may have.</summary>
    public int MostOfClient { get; set; } = 20;

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static RedirectUriOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<RedirectUriOptions>(configuration, Section);
        if (!configuration.GetSection($"{Section}:{nameof(PrivateUseSchemes)}").Exists())
        {
            options.PrivateUseSchemes = DefaultSchemes;
        }

        if (Array.Find(options.PrivateUseSchemes, scheme => !Uri.CheckSchemeName(scheme) || NeverSchemes.Contains(scheme.ToLowerInvariant())) is { } bad)
        {
            throw new InvalidOperationException(
                $"The setting '{Section}:{nameof(PrivateUseSchemes)}' has '{bad}', which is no private-use scheme. Write only its name, for example vscode.");
        }

        SettingRange.Check($"{Section}:{nameof(Longest)}", options.Longest, 128, 8 * 1024);
        SettingRange.Check($"{Section}:{nameof(MostOfClient)}", options.MostOfClient, 1, 1000);
        return options;
    }
}
