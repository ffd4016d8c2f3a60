using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Registration;

/// <summary>Settings of dynamic registration, section <c>Registration</c>.</summary>
internal sealed class RegistrationOptions
{
    private const string Section = "Registration";

    /// <summary>False where clients can't register: then there is no endpoint and none in the metadata.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many registrations one address may make in a minute. The same public client again doesn't count.</summary>
    public int PerMinute { get; set; } = 30;

    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static RegistrationOptions From(IConfiguration configuration)
    {
        var options = SettingSection.Read<RegistrationOptions>(configuration, Section);
        return options.PerMinute >= 1
            ? options
            : throw new InvalidOperationException($"The setting '{Section}:PerMinute' must be 1 or more. To switch registration off, set '{Section}:Enabled' to false.");
    }
}
