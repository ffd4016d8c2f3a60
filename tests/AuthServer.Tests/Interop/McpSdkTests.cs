using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Interop;

/// <summary>
/// The clients of the MCP TypeScript SDK, of both generations, against both services: discovery, registration, PKCE, tools
/// and refresh are theirs; only the browser is the test's.
/// </summary>
public sealed class McpSdkTests(BothServices services) : IClassFixture<BothServices>
{
    [Theory]
    [InlineData("sdk", "2025-11-25")]
    [InlineData("client", "2026-07-28")]
    public async Task A_client_with_a_metadata_document_finds_its_way_alone_from_the_challenge_to_a_tool(string sdk, string revision)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can one process be told to trust a certificate.");
        Assert.Equal(
            ["client document", "code", $"echo over {revision}", $"echo over {revision}", "refresh"],
            await RunAsync(new { Sdk = sdk, services.Mcp, services.Client.RedirectUri, ClientMetadataUrl = services.Client.Url }));
    }

    [Theory]
    [InlineData("sdk", "2025-11-25")]
    [InlineData("client", "2026-07-28")]
    public async Task A_client_without_one_registers_and_does_the_same(string sdk, string revision) =>
        Assert.Equal(
            ["registration", "code", $"echo over {revision}", $"echo over {revision}", "refresh"],
            await RunAsync(new { Sdk = sdk, services.Mcp, services.Client.RedirectUri }));

    private async Task<IReadOnlyList<string>> RunAsync(object settings)
    {
        var (folder, missing) = await NodePackages.InstallAsync("McpSdk", TestContext.Current.CancellationToken);
        Assert.SkipWhen(folder is null, missing ?? "");
        using var alice = new Person(services.Issuer);
        return await NodeScript.RunAsync(folder!, "client.mjs", settings, alice.GoAsync);
    }
}
