namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something whose value is known when the stack runs.</summary>
public interface IValueProvider
{
    /// <summary>Resolves the value.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>Something that a manifest can name without knowing its value.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>The expression that stands for the value, such as <c>{cache.bindings.tcp.port}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>Both.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

/// <summary>A value that is made of others.</summary>
public interface IValueWithReferences
{
    /// <summary>The others.</summary>
    IEnumerable<object> References { get; }
}

internal sealed class ConnectionStringReference(IResourceWithConnectionString resource) : IExpressionValue
{
    public string ValueExpression => resource.ValueExpression;

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        await resource.GetConnectionStringAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 } value
            ? value
            : throw new DistributedApplicationException($"The connection string of '{resource.Name}' is empty.");
}
