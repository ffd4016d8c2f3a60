using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Discovery;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Units;

public sealed class MetadataTests
{
    [Theory]
    [InlineData("http://localhost:5200/mcp", "http://localhost:5200/.well-known/oauth-protected-resource/mcp", "http://localhost:5200/.well-known/oauth-protected-resource")]
    [InlineData("https://mcp.example.com", "https://mcp.example.com/.well-known/oauth-protected-resource")]
    [InlineData("https://mcp.example.com/a/b", "https://mcp.example.com/.well-known/oauth-protected-resource/a/b", "https://mcp.example.com/.well-known/oauth-protected-resource")]
    public void Resource_metadata_is_looked_for_at_the_path_then_at_the_root(string resource, params string[] expected) =>
        Assert.Equal(expected, WellKnownUrls.OfProtectedResource(new Uri(resource)).Select(url => url.AbsoluteUri));

    [Theory]
    [InlineData("http://localhost:5100", "http://localhost:5100/.well-known/oauth-authorization-server", "http://localhost:5100/.well-known/openid-configuration")]
    [InlineData(
        "https://as.example.com/tenant/",
        "https://as.example.com/.well-known/oauth-authorization-server/tenant",
        "https://as.example.com/.well-known/openid-configuration/tenant",
        "https://as.example.com/tenant/.well-known/openid-configuration")]
    public void Server_metadata_is_looked_for_in_the_order_of_the_specification(string issuer, params string[] expected) =>
        Assert.Equal(expected, WellKnownUrls.OfAuthorizationServer(new Uri(issuer)).Select(url => url.AbsoluteUri));

    [Theory]
    [InlineData("http://localhost:5200/mcp", "HTTP://LOCALHOST:5200/mcp", true)]
    [InlineData("https://a.example", "https://a.example:443/", true)]
    [InlineData("https://a.example/mcp", "https://a.example/MCP", false)]
    [InlineData("https://a.example/mcp", "https://a.example/mcp/", false)]
    [InlineData("https://a.example/a/../mcp", "https://a.example/mcp", false)]
    [InlineData("https://a.example/%6dcp", "https://a.example/mcp", false)]
    [InlineData("https://a.example", "https://b.example", false)]
    [InlineData("https://a.example", "http://a.example", false)]
    [InlineData("https://x@a.example", "https://a.example", false)]
    [InlineData("no url", "no url", false)]
    public void Resources_are_compared_by_the_contracts_rule(string left, string right, bool same) =>
        Assert.Equal(same, ResourceIdentifier.AreSame(left, right));

    [Theory]
    [InlineData(true, "https://as.example", true)]
    [InlineData(true, "https://as.example/", false)]
    [InlineData(true, null, false)]
    [InlineData(false, null, true)]
    [InlineData(false, "https://evil.example", false)]
    public void The_issuer_of_an_answer_is_the_one_recorded(bool promised, string? issuer, bool holds) =>
        Assert.Equal(holds, IssuerIdentification.Holds(Server(promised), issuer));

    [Fact]
    public void The_proof_key_is_the_example_of_rfc_7636() =>
        Assert.Equal("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", new ProofKey("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").Challenge);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("localhost:5200/mcp")]
    [InlineData("ftp://localhost/mcp")]
    [InlineData("http://localhost:5200/mcp#here")]
    public void A_home_server_that_can_not_be_is_said_at_start(string? setting) =>
        Assert.Contains("'HomeServer'", Assert.Throws<InvalidOperationException>(() => HomeServer.Parse(setting, development: true)).Message, StringComparison.Ordinal);

    private static AuthorizationServerMetadata Server(bool sendsIssuer)
    {
        var url = new Uri("https://as.example/x");
        return new AuthorizationServerMetadata("https://as.example", url, url, url, null, null, sendsIssuer);
    }

    [Theory]
    [InlineData("http://mcp.example/mcp", true)]
    [InlineData("http://localhost:5200/mcp", false)]
    public void A_home_server_over_plain_http_is_refused_at_start(string setting, bool development) =>
        Assert.Contains("Use https", Assert.Throws<InvalidOperationException>(() => HomeServer.Parse(setting, development)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://mcp.example/mcp", false)]
    [InlineData("http://localhost:5200/mcp", true)]
    public void A_home_server_over_https_or_here_in_development_is_taken(string setting, bool development) =>
        Assert.Equal(setting, HomeServer.Parse(setting, development).Value);
}
