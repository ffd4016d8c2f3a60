using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.ServiceDefaults.Outbound;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;

namespace McpAspire.AuthServer.Tests;

/// <summary>For whose URLs the operator's exemptions of the outbound guard are.</summary>
public sealed class ClientGuardTests
{
    [Theory]
    [InlineData(nameof(ClientSource.Configured), "app", "http://inside.example:8080/keys", true)]
    [InlineData(nameof(ClientSource.MetadataDocument), "https://inside.example/client", "https://inside.example/keys", true)]
    [InlineData(nameof(ClientSource.MetadataDocument), "https://inside.example/client", "https://INSIDE.example:443/keys", true)]
    [InlineData(nameof(ClientSource.MetadataDocument), "https://inside.example/client", "https://inside.example:8443/keys", false)]
    [InlineData(nameof(ClientSource.MetadataDocument), "https://inside.example/client", "http://inside.example/keys", false)]
    [InlineData(nameof(ClientSource.MetadataDocument), "https://inside.example/client", "http://inside.example:443/keys", false)]
    [InlineData(nameof(ClientSource.MetadataDocument), "https://evil.example/client", "https://inside.example/keys", false)]
    [InlineData(nameof(ClientSource.Registered), "abc", "https://inside.example/keys", false)]
    public void Trusted_hosts_are_for_configured_clients_and_for_a_document_on_that_very_origin(string source, string clientId, string url, bool exempt)
    {
        using var guard = new OutboundGuard(
            Options.Create(new OutboundOptions()), PublicUrl.Parse("https://as.example", development: false), new HostingEnvironment { EnvironmentName = Environments.Production });
        var chosen = new ClientGuard(guard).For(Enum.Parse<ClientSource>(source), clientId, new Uri(url));
        Assert.Same(exempt ? guard : guard.ForStrangers, chosen);
        Assert.NotSame(guard, guard.ForStrangers);
    }
}
