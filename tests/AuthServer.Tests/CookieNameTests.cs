using System.Text.RegularExpressions;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>Cookies ignore ports, so services on one host must not share a name.</summary>
public sealed partial class CookieNameTests
{
    [Fact]
    public void The_cookies_of_AuthServer_and_ClientWeb_have_names_of_their_own()
    {
        var (ours, others) = (NamesIn("AuthServer"), NamesIn("ClientWeb"));
        Assert.All(ours, name => Assert.StartsWith("__Host-authserver-", name));
        Assert.All(others, name => Assert.StartsWith("__Host-clientweb-", name));
        Assert.Contains(SignIn.SessionCookie.Name, ours);
        Assert.True(others.Length >= 4);
    }

    private static string[] NamesIn(string project) =>
    [
        .. from file in Directory.EnumerateFiles(Path.Combine(TestNames.Repository, project), "*.cs", SearchOption.AllDirectories)
           from Match name in CookieName().Matches(File.ReadAllText(file))
           select name.Groups["name"].Value,
    ];

    [GeneratedRegex("\"(?<name>__(Host|Secure)-[^\"]*)\"|Cookie\\.Name = \"(?<name>[^\"]*)\"")]
    private static partial Regex CookieName();
}
