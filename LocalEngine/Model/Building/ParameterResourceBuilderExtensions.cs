using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Data;

namespace Aspire.Hosting;

/// <summary>Adds values from outside.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter: the setting <c>Parameters:NAME</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ParameterResource(name, fallback => ValueOf(builder, name, fallback), secret));
    }

    /// <summary>Adds a parameter: the setting <c>Parameters:NAME</c>, else its default.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Where its value comes from, if no setting says one.</param>
    /// <param name="secret">Whether it must not be shown.</param>
    /// <param name="persist">Whether what was generated is kept for later runs.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        var parameter = builder.AddParameter(name, secret);
        parameter.Resource.Default = persist ? new PersistedParameterDefault(SecretsOf(builder), $"Parameters:{name}", value) : value;
        return parameter;
    }

    /// <summary>Makes the parameter of a password that nobody gave: generated once, then kept.</summary>
    internal static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder, string name, bool special = true) =>
        new(name, fallback => ValueOf(builder, name, fallback), secret: true)
        {
            Default = new PersistedParameterDefault(
                SecretsOf(builder), $"Parameters:{name}", new GenerateParameterDefault { Special = special }),
        };

    private static string ValueOf(IDistributedApplicationBuilder builder, string name, ParameterDefault? fallback) =>
        builder.Configuration[$"Parameters:{name}"] ?? fallback?.GetDefaultValue() ?? throw new DistributedApplicationException(
            $"The parameter '{name}' has no value. Set it: --Parameters:{name}=VALUE, or the environment variable Parameters__{name}.");

    private static SecretStore SecretsOf(IDistributedApplicationBuilder builder) => ((DistributedApplicationBuilder)builder).Secrets;

    private sealed class PersistedParameterDefault(SecretStore secrets, string key, ParameterDefault value) : ParameterDefault
    {
        public override string GetDefaultValue() => secrets.GetOrCreate(key, value.GetDefaultValue);
    }
}
