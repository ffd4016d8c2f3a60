namespace McpAspire.AppHost;

/// <summary>
/// The public URL that the settings give a resource. It refers to that resource although it is plain text, so that a host
/// engine that can't run the resource tells nobody where it would be.
/// </summary>
/// <param name="url">The URL.</param>
/// <param name="resource">Whose it is.</param>
internal sealed class ConfiguredUrl(string url, IResource resource) : IValueProvider, IManifestExpressionProvider, IValueWithReferences
{
    /// <inheritdoc/>
    public string ValueExpression => url;

    /// <inheritdoc/>
    public IEnumerable<object> References => [resource];

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<string?>(url);
}
