using System.Net;
using System.Net.Http.Json;
using System.Text;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Registration;

/// <summary>How a client registers at a server and goes on. Each test has a minute of its own.</summary>
public abstract class RegisteringTest
{
    private protected const string Redirect = "https://app.example/cb";

    private protected RegisteringTest(RegistrationServer fixture)
    {
        Fixture = fixture;
        fixture.BeginMinute();
    }

    private protected RegistrationServer Fixture { get; }

    private protected RedisServer Redis => Fixture.Redis;

    private protected RunningAuthServer Server => Fixture.Server;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected static object Public(string redirect = Redirect) => new { redirect_uris = new[] { redirect }, token_endpoint_auth_method = "none" };

    private protected static IEnumerable<string?> List(Answer answer, string name) => answer.Json.GetProperty(name).EnumerateArray().Select(item => item.GetString());

    private protected async Task<Answer> RegisterAsync(object body, HttpClient? http = null) =>
        await Answer.OfAsync(await (http ?? Server.Client).PostAsJsonAsync("/connect/register", body, Cancel));

    private protected async Task<Answer> RegisterTextAsync(string text, string contentType = "application/json")
    {
        using var content = new StringContent(text, Encoding.UTF8, contentType);
        return await Answer.OfAsync(await Server.Client.PostAsync("/connect/register", content, Cancel));
    }

    private protected async Task<Page> AuthorizeAsync(string clientId, string redirect) => await FlowOf(clientId, redirect).AuthorizeAsync();

    private protected Flow FlowOf(string clientId, string redirect) => new(Server, new TestClient { Id = clientId, RedirectUri = redirect });

    private protected async Task<Answer> TokensAsync(string clientId, string redirect, string scope = "mcp:tools") =>
        await RedeemAsync(clientId, redirect, secret: null, scope) is { Status: HttpStatusCode.OK } answer
            ? answer
            : throw new InvalidOperationException("No tokens.");

    private protected async Task<Answer> RedeemAsync(string clientId, string redirect, string? secret, string scope = "mcp:tools")
    {
        var flow = FlowOf(clientId, redirect);
        var fields = flow.CodeRequest(await flow.CodeAsync(flow.Request(scope)));
        fields["client_id"] = clientId;
        if (secret is not null)
        {
            fields["client_secret"] = secret;
        }

        return await Answer.OfAsync(await Server.Client.PostAsync("/connect/token", new FormUrlEncodedContent(fields!), Cancel));
    }
}
