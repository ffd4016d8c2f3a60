using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Ports;
using McpAspire.TestKit;

namespace McpAspire.LocalEngine.Tests.Model;

public sealed class PortAllocationTests
{
    private static IResourceBuilder<ProjectResource> Add(DistributedApplicationBuilder builder, string name, int? port) =>
        builder.AddResource(new ProjectResource(name)).WithEndpoint("http", endpoint => (endpoint.UriScheme, endpoint.Port) = ("http", port));

    [Fact]
    public void Fixed_ports_are_kept_and_the_others_get_free_ones_of_their_own()
    {
        var builder = TestStack.Builder();
        var port = FreePort.Next();
        var fixedPort = Add(builder, "fixed", port).GetEndpoint("http");
        EndpointReference[] any = [.. Enumerable.Range(0, 20).Select(i => Add(builder, $"any{i}", i % 2 == 0 ? null : 0).GetEndpoint("http"))];
        PortAllocation.Allocate(builder.Resources);
        Assert.Equal(port, fixedPort.Port);
        Assert.Equal(20, any.Select(endpoint => endpoint.Port).Distinct().Count());
    }

    [Fact]
    public void Every_taken_port_is_named_on_either_loopback_address()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var four = new TcpListener(IPAddress.Loopback, 0);
        using var six = new TcpListener(IPAddress.IPv6Loopback, 0);
        four.Start();
        six.Start();
        var builder = TestStack.Builder();
        Add(builder, "four", ((IPEndPoint)four.LocalEndpoint).Port);
        Add(builder, "six", ((IPEndPoint)six.LocalEndpoint).Port);
        var error = Assert.Throws<DistributedApplicationException>(() => PortAllocation.Allocate(builder.Resources));
        Assert.Contains("of four is taken", error.Message, StringComparison.Ordinal);
        Assert.Contains("of six is taken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_resources_cannot_have_one_port()
    {
        var builder = TestStack.Builder();
        var port = FreePort.Next();
        Add(builder, "first", port);
        Add(builder, "second", port);
        var error = Assert.Throws<DistributedApplicationException>(() => PortAllocation.Allocate(builder.Resources));
        Assert.Contains("first and second both want port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_setting_for_nobody_is_pointed_out()
    {
        var builder = TestStack.Builder("--Ports:frist=1", "--Ports:second=2");
        Add(builder, "first", null);
        Add(builder, "second", null);
        Assert.StartsWith("No resource is named 'frist'", PortAllocation.FindMistake(builder.Configuration, [.. builder.Resources]), StringComparison.Ordinal);
    }
}
