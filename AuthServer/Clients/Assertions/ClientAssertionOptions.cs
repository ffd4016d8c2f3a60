using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Clients.Assertions;

/// <summary>Settings of client assertions (RFC 7523), section <c>ClientAssertions</c>.</summary>
internal sealed class ClientAssertionOptions
{
    /// <summary>The issuer, the token endpoint and the endpoint of pushed requests are taken as audience.</summary>
    internal const string AnyAudience = "Any";

    /// <summary>The issuer alone is.</summary>
    internal const string IssuerOnly = "Issuer";

    private const string Section = "ClientAssertions";

    /// <summary>For whom they may be made: <see cref="AnyAudience"/> or <see cref="IssuerOnly"/>.</summary>
    public string Audience { get; set; } = AnyAudience;

    /// <summary>How far ahead one may expire: for so long its <c>jti</c> is remembered.</summary>
    public TimeSpan LongestLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static ClientAssertionOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<ClientAssertionOptions>(configuration, Section);
        SettingRange.Check($"{Section}:{nameof(LongestLifetime)}", options.LongestLifetime, TimeSpan.FromSeconds(30), TimeSpan.FromDays(1));
        return options.Audience is AnyAudience or IssuerOnly
            ? options
            : throw new InvalidOperationException(
                $"The setting '{Section}:{nameof(Audience)}' is '{options.Audience}': set it to {IssuerOnly}, or to {AnyAudience} (the default) "
                + "to take the token and pushed authorization endpoints too.");
    }
}
