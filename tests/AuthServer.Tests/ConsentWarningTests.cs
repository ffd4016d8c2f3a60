using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;

namespace McpAspire.AuthServer.Tests;

public sealed class ConsentWarningTests
{
    private const string Https = "https://app.example/callback";
    private const string Loopback = "http://127.0.0.1:4711/callback";
    private const string HttpsOnLoopback = "https://localhost:8443/callback";
    private const string PrivateUse = "vscode://callback";

    // The source is named, since its type is not public.
    [Theory]
    [InlineData("Configured", "none", Https, null)]
    [InlineData("Configured", "client_secret_basic", Https, null)]
    [InlineData("Configured", "none", Loopback, "runs on this device")]
    [InlineData("Configured", "client_secret_basic", Loopback, "runs on this device")]
    [InlineData("Configured", "private_key_jwt", Loopback, null)]
    [InlineData("MetadataDocument", "private_key_jwt", Https, null)]
    [InlineData("MetadataDocument", "private_key_jwt", Loopback, null)]
    [InlineData("MetadataDocument", "none", Https, "did not prove")]
    [InlineData("MetadataDocument", "none", PrivateUse, "runs on this device")]
    [InlineData("Registered", "none", Https, "nobody checked its name")]
    [InlineData("Registered", "client_secret_basic", Https, "nobody checked its name")]
    [InlineData("Registered", "private_key_jwt", Https, "nobody checked its name")]
    [InlineData("Registered", "none", Loopback, "runs on this device")]
    [InlineData("Registered", "none", HttpsOnLoopback, "runs on this device")]
    [InlineData("MetadataDocument", "none", "https://[::1]/callback", "runs on this device")]
    public void A_person_is_warned_of_clients_for_which_nobody_answers(string source, string method, string redirect, string? words)
    {
        var warning = ConsentWarning.Of(new ClientProfile(Enum.Parse<ClientSource>(source), method), new Uri(redirect));
        Assert.Equal(words is null, warning is null);
        Assert.Contains(words ?? "", warning ?? "");
    }

    [Theory]
    [InlineData("none", Https, true)]
    [InlineData("none", Loopback, false)]
    [InlineData("none", HttpsOnLoopback, false)]
    [InlineData("none", PrivateUse, false)]
    [InlineData("client_secret_basic", Loopback, false)]
    [InlineData("private_key_jwt", Loopback, true)]
    public void A_consent_is_remembered_for_https_redirects_elsewhere_and_for_clients_with_a_key_only(string method, string redirect, bool remembered) =>
        Assert.Equal(remembered, ConsentWarning.MayBeRemembered(new ClientProfile(ClientSource.Configured, method), redirect));
}
