using McpAspire.McpServer.Authorization;
using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.McpServer.Tests.Authorization;

public sealed class SettingsTests
{
    [Theory]
    [InlineData(null, "'AuthorizationServer' is missing")]
    [InlineData(" ", "'AuthorizationServer' is missing")]
    [InlineData("localhost:5100", "absolute https URL")]
    [InlineData("https://as.example?x=1", "absolute https URL")]
    [InlineData("https://user@as.example", "absolute https URL")]
    [InlineData("http://as.example", "Use https")]
    public void A_wrong_issuer_is_said_at_start(string? issuer, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => ResourceIdentity.ReadIssuer(issuer, development: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void Plain_http_is_for_development() =>
        Assert.Throws<InvalidOperationException>(() => ResourceIdentity.ReadIssuer("http://localhost:5100", development: false));

    [Theory]
    [InlineData("https://mcp.example", "https://mcp.example/mcp", "https://mcp.example/.well-known/oauth-protected-resource/mcp")]
    [InlineData("http://localhost:5200/", "http://localhost:5200/mcp", "http://localhost:5200/.well-known/oauth-protected-resource/mcp")]
    public void Identities_come_from_the_public_url(string publicUrl, string resource, string metadata)
    {
        var identity = new ResourceIdentity(PublicUrl.Parse(publicUrl, development: true), "https://as.example");
        Assert.Equal(resource, identity.Resource);
        Assert.Equal(metadata, identity.MetadataUrl);
    }

    [Theory]
    [InlineData("https://as.example", "https://as.example/.well-known/oauth-authorization-server", "https://as.example/.well-known/openid-configuration")]
    [InlineData("https://as.example/realms/mcp", "https://as.example/.well-known/oauth-authorization-server/realms/mcp", "https://as.example/realms/mcp/.well-known/openid-configuration")]
    [InlineData("https://as.example/", "https://as.example/.well-known/oauth-authorization-server", "https://as.example/.well-known/openid-configuration")]
    public void The_document_is_looked_for_where_the_issuer_says(string issuer, string first, string second) =>
        Assert.Equal([first, second], AuthorizationServerDocument.PlacesOf(issuer).Select(place => place.AbsoluteUri));
}
