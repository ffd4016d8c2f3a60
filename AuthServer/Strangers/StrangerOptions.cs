namespace McpAspire.AuthServer.Strangers;

/// <summary>Settings of clients that nobody configured, section <c>Strangers</c>.</summary>
internal sealed class StrangerOptions
{
    private const string Section = "Strangers";

    /// <summary>How many that nobody used yet there may be, of those that registered and of those that a document describes.</summary>
    public int MostUnused { get; set; } = 10_000;

    /// <summary>How long one stays that nobody used yet.</summary>
    public TimeSpan UnusedLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long one stays after its last use.</summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromDays(365);

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static StrangerOptions From(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<StrangerOptions>() ?? new StrangerOptions();
        return options.MostUnused >= 1 && options.UnusedLifetime >= TimeSpan.FromHours(1) && options.IdleLifetime >= TimeSpan.FromDays(1)
            ? options
            : throw new InvalidOperationException(
                $"The setting '{Section}:MostUnused' must be 1 or more, '{Section}:UnusedLifetime' 01:00:00 or more, and '{Section}:IdleLifetime' 1.00:00:00 or more.");
    }
}
