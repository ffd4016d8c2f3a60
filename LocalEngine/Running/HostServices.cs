using System.Security.Cryptography.X509Certificates;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.LocalEngine.Running;

/// <summary>What a description finds in the services of an event.</summary>
internal static class HostServices
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal static ServiceProvider Create(HostConsole console, X509Certificate2? certificate) => new ServiceCollection()
        .AddSingleton(new ResourceLoggerService(console))
        .AddSingleton<IHttpClientFactory>(new Clients(certificate))
        .BuildServiceProvider();

    /// <summary>Clients that trust this machine's certificate, as those of the probes.</summary>
    private sealed class Clients(X509Certificate2? certificate) : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => HttpProbe.CreateClient(certificate, Patience);
    }
}
