namespace McpAspire.LocalEngine.Running;

/// <summary>Asks a resource whether it is well.</summary>
internal interface IHealthProbe
{
    /// <summary>Null when it is well, else what is wrong, for a person to read.</summary>
    Task<string?> CheckAsync(CancellationToken cancellationToken);
}
