using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Data;
using McpAspire.LocalEngine.Processes;
using McpAspire.LocalEngine.Running;

namespace McpAspire.LocalEngine.Redis;

/// <summary>Runs Redis: a server that is installed here, else the embedded one.</summary>
internal sealed class RedisWorkload : Workload
{
    private readonly RedisResource _resource;
    private readonly StackContext _context;

    internal RedisWorkload(RedisResource resource, StackContext context) : base(resource)
    {
        _resource = resource;
        _context = context;
        Probes = [new RedisProbe(() => resource.PrimaryEndpoint.Port, PasswordAsync)];
    }

    internal override IReadOnlyList<IHealthProbe> Probes { get; }

    internal override string? Url => $"redis://{_resource.PrimaryEndpoint.Host}:{_resource.PrimaryEndpoint.Port}";

    internal override async ValueTask<ProcessSpec> PrepareAsync(CancellationToken cancellationToken)
    {
        var folder = _context.DataFolder.For(Name);
        var data = Path.Combine(folder, "data");
        if (!_resource.Annotations.OfType<DataVolumeAnnotation>().Any() && Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        PrivateFiles.CreateFolder(data);
        var settings = new RedisSettings(
            _resource.PrimaryEndpoint.Port,
            await PasswordAsync(cancellationToken).ConfigureAwait(false),
            data,
            RedisOptions.Parse(await ResourceValues.ArgumentsAsync(_resource, _context.ExecutionContext, cancellationToken).ConfigureAwait(false)));
        var server = await RedisServer.ChooseAsync(_context.Configuration["LocalEngine:Redis"], cancellationToken).ConfigureAwait(false);
        return server.Prepare(folder, settings);
    }

    private async ValueTask<string> PasswordAsync(CancellationToken cancellationToken) =>
        await _resource.PasswordParameter.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "";
}

/// <summary>What a Redis server is told.</summary>
/// <param name="Port">Where to listen, on the loopback address.</param>
/// <param name="Password">What clients must say.</param>
/// <param name="DataFolder">Where its data lie.</param>
/// <param name="Options">What the description adds: lines of a redis.conf.</param>
internal sealed record RedisSettings(int Port, string Password, string DataFolder, IReadOnlyList<RedisOption> Options)
{
    internal string PortText => Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether each change is written down before it is acknowledged.</summary>
    internal bool AppendOnly => Options.Any(option => option is { Name: "appendonly", Values: ["yes"] });
}
