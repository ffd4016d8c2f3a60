namespace McpAspire.AuthServer.Availability;

/// <summary>Marks an endpoint that goes on while Redis is away.</summary>
internal sealed class WorksWithoutRedis
{
    private static readonly WorksWithoutRedis Mark = new();

    private WorksWithoutRedis()
    {
    }

    internal static void Set(IEndpointConventionBuilder endpoint) => endpoint.WithMetadata(Mark);

    internal static bool IsSetFor(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<WorksWithoutRedis>() is not null;
}
