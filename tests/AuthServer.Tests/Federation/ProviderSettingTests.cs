using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using Microsoft.Extensions.Configuration;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class ProviderSettingTests
{
    [Theory]
    [InlineData("Issuer", "http://localhost:8080", false, true, true)]
    [InlineData("Issuer", "http://localhost:8080", false, false, false)]
    [InlineData("Issuer", "http://keycloak:8080", true, false, false)]
    [InlineData("Metadata", "http://localhost:8080/doc", false, true, true)]
    [InlineData("Metadata", "http://localhost:8080/doc", false, false, false)]
    [InlineData("Metadata", "http://keycloak:8080/doc", false, false, false)]
    [InlineData("Metadata", "http://keycloak:8080/doc", true, false, true)]
    public void Plain_http_is_for_loopback_in_Development_and_for_documents_where_the_provider_may(
        string setting, string value, bool allowHttp, bool development, bool isTaken)
    {
        var refusal = Record.Exception(() => Set(development, (setting, value), ("AllowHttp", allowHttp.ToString())));
        Assert.Equal(isTaken, refusal is null);
        Assert.True(isTaken || refusal!.Message.Contains("plain http", StringComparison.Ordinal));
    }

    [Fact]
    public void Auth0_needs_a_secret_since_it_takes_no_ES256() =>
        Assert.Contains("ClientSecret' is missing", Assert.Throws<InvalidOperationException>(() => Set(false, ("Type", "Auth0"))).Message);

    [Fact]
    public async Task A_token_never_goes_to_plain_http_where_the_settings_do_not_allow_it()
    {
        using var http = new ProviderHttp();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://id.example/userinfo?secret");
        var refusal = await Assert.ThrowsAsync<ProviderException>(() => http.SendAsync(Provider(), request, TestContext.Current.CancellationToken));
        Assert.Equal(ProviderFault.Misconfigured, refusal.Fault);
        Assert.EndsWith("http://id.example/userinfo, which is not https.", refusal.Message);
    }

    internal static Provider Provider(params (string Name, string Value)[] settings) => Set(false, settings).Find("company")!;

    [Fact]
    public void GitHub_can_not_grant_access_since_it_signs_no_tokens()
    {
        var failure = Assert.Throws<InvalidOperationException>(
            () => Set(false, ("Type", "GitHub"), ("ClientSecret", "secret"), ("EnterpriseManaged", "true")));
        Assert.Contains("EnterpriseManaged", failure.Message, StringComparison.Ordinal);
        Assert.False(Set(false).All[0].EnterpriseManaged);
    }

    private static ProviderSet Set(bool development, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["SignIn:Providers:company:Type"] = "Oidc",
            ["SignIn:Providers:company:Issuer"] = "https://id.example",
            ["SignIn:Providers:company:ClientId"] = "us",
        };
        foreach (var (name, value) in settings)
        {
            all["SignIn:Providers:company:" + name] = value;
        }

        return new ProviderSet(new ConfigurationBuilder().AddInMemoryCollection(all).Build(), development);
    }
}
