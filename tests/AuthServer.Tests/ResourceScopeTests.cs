using System.Net;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests;

/// <summary>
/// A resource may have some of the scopes only (<c>Resources:N:Scope</c>): what it does not have is refused on every way to a
/// token. What it loses later is in <see cref="ClosedResourceTests"/>, an ID-JAG in <see cref="Federation.IdJagTests"/>.
/// </summary>
public sealed class ResourceScopeTests(ResourceScopeTests.Surroundings stack) : IClassFixture<ResourceScopeTests.Surroundings>
{
    private const string Narrow = "https://narrow.example/mcp";
    private const string Callback = "https://app.example/callback";
    private const string Secret = "a secret of the tests with 32 characters or more";

    [Theory]
    [InlineData("notes:write")]
    [InlineData("mcp:tools notes:write openid")]
    public async Task An_authorization_request_for_what_the_resource_does_not_have_is_refused(string scope)
    {
        var page = await new Flow(stack.Server, Web()).AuthorizeAsync(Request(scope));
        Assert.StartsWith(Callback, page.Url.ToString());
        Assert.Equal("invalid_scope", page.Query("error"));
        Assert.Contains("https://narrow.example/mcp does not have: notes:write. It has: mcp:tools notes:read", page.Query("error_description"));
    }

    [Fact]
    public async Task Where_no_scope_is_named_the_resource_must_have_the_usual_one()
    {
        var request = Request(null);
        request["resource"] = "https://notes.example/mcp";
        Assert.Equal("invalid_scope", (await new Flow(stack.Server, Web()).AuthorizeAsync(request)).Query("error"));
    }

    [Fact]
    public async Task The_default_resource_is_judged_too_where_none_is_named()
    {
        var request = Request("notes:write");
        request["resource"] = null;
        Assert.Equal("invalid_scope", (await new Flow(stack.Server, Web()).AuthorizeAsync(request)).Query("error"));
    }

    [Fact]
    public async Task What_the_resource_has_and_all_about_the_person_is_given()
    {
        var flow = new Flow(stack.Server, Web());
        var code = flow.CodeRequest(await flow.CodeAsync(Request("mcp:tools notes:read openid profile email roles offline_access", flow)));
        code["client_assertion"] = code["client_assertion_type"] = null;
        var tokens = await flow.TokenAsync(code);
        Assert.Equal("mcp:tools notes:read openid profile email roles offline_access", tokens.Access.GetClaim("scope").Value);
        Assert.Equal([Narrow], tokens.Access.Audiences);
    }

    [Fact]
    public async Task A_pushed_request_for_what_the_resource_does_not_have_is_refused()
    {
        Assert.Equal("invalid_scope", (await PostAsync("/connect/par", Request("mcp:tools notes:write"))).Error);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("/connect/par", Request("mcp:tools notes:read"))).Status);
    }

    [Fact]
    public async Task A_device_that_asks_for_what_the_resource_does_not_have_is_refused()
    {
        using var device = new DeviceFlow(stack.Server, "device");
        Assert.Equal("invalid_scope", (await device.AskAsync("mcp:tools notes:write", ("resource", Narrow))).Error);
        Assert.Equal(HttpStatusCode.OK, (await device.AskAsync("mcp:tools notes:read profile", ("resource", Narrow))).Status);
    }

    [Fact]
    public async Task A_client_that_asks_for_itself_for_what_the_resource_does_not_have_is_refused()
    {
        Assert.Equal("invalid_scope", (await AskForItselfAsync("notes:write", Narrow)).Error);
        Assert.Equal("mcp:tools notes:read", (await AskForItselfAsync("mcp:tools notes:read", Narrow)).Access.GetClaim("scope").Value);
        Assert.Equal("notes:read notes:write", (await AskForItselfAsync("notes:write", "https://notes.example/mcp")).Access.GetClaim("scope").Value);
        Assert.Equal("mcp:tools notes:read notes:write", (await AskForItselfAsync("mcp:tools notes:write", "https://wide.example/mcp")).Access.GetClaim("scope").Value);
    }

    [Theory]
    [InlineData("mcp:tools launch:missiles")]
    [InlineData("openid")]
    [InlineData("profile:read")]
    [InlineData("")]
    public async Task A_scope_that_no_resource_can_have_stops_the_start(string scope)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings: ("Resources:0:Scope", scope)));
        Assert.Contains("'Resources'", failure.Message);
        Assert.Contains("mcp:tools notes:read notes:write", failure.Message);
    }

    private static TestClient Web() => new() { Id = "web", RedirectUri = Callback };

    private Dictionary<string, string?> Request(string? scope, Flow? flow = null)
    {
        var request = (flow ?? new Flow(stack.Server, Web())).Request();
        request["scope"] = scope;
        request["resource"] = Narrow;
        return request;
    }

    private Task<Answer> AskForItselfAsync(string scope, string resource) => PostAsync("/connect/token", new()
    {
        ["grant_type"] = "client_credentials",
        ["client_id"] = "service",
        ["client_secret"] = Secret,
        ["scope"] = scope,
        ["resource"] = resource,
    });

    private async Task<Answer> PostAsync(string path, Dictionary<string, string?> fields) =>
        await Answer.OfAsync(await stack.Server.Client.PostAsync(path, new FormUrlEncodedContent(fields!), TestContext.Current.CancellationToken));

    /// <summary>An AuthServer with a resource of some scopes, which is the default, one of others, and one of all.</summary>
    public sealed class Surroundings : IAsyncLifetime
    {
        internal RedisServer Redis { get; } = new();

        internal RunningAuthServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings:
        [
            ("Resources:0:Name", "Narrow"), ("Resources:0:Uri", Narrow), ("Resources:0:Scope", "mcp:tools notes:read"),
            ("Resources:1:Name", "Notes"), ("Resources:1:Uri", "https://notes.example/mcp"), ("Resources:1:Scope", "notes:write"),
            ("Resources:2:Name", "Wide"), ("Resources:2:Uri", "https://wide.example/mcp"),
            ("Clients:1:ClientId", "web"), ("Clients:1:RedirectUris:0", Callback),
            ("Clients:2:ClientId", "device"), ("Clients:2:GrantTypes:0", DeviceFlow.Grant),
            ("Clients:3:ClientId", "service"), ("Clients:3:Secret", Secret), ("Clients:3:GrantTypes:0", "client_credentials"),
        ]);

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            Redis.Dispose();
        }
    }
}
