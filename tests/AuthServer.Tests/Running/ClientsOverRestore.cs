using System.Net;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>A client with two grants at the time of a backup: one rests, with the other it goes on before the backup is restored.</summary>
internal sealed class ClientsOverRestore
{
    private readonly TestClient _client;
    private readonly Answer _resting;
    private readonly Answer _moving;
    private readonly List<Answer> _newer = [];

    private ClientsOverRestore(TestClient client, Answer resting, Answer moving)
    {
        _client = client;
        _resting = resting;
        _moving = moving;
    }

    internal static async Task<ClientsOverRestore> BeforeBackupAsync(IAuthServer server, TestClient client)
    {
        var flow = new Flow(server, client);
        return new ClientsOverRestore(client, await flow.TokensAsync(), await flow.TokensAsync());
    }

    /// <summary>It refreshes with one grant, and gets another one.</summary>
    internal async Task AfterBackupAsync(IAuthServer server)
    {
        var flow = new Flow(server, _client);
        var moved = await flow.TokenAsync(Flow.RefreshRequest(_moving.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, moved.Status);
        _newer.AddRange([moved, await flow.TokensAsync()]);
    }

    /// <summary>What is newer than the backup is unknown, in words for the client; what is as old goes on, and a new sign-in works.</summary>
    internal async Task AfterRestoreAsync(IAuthServer server)
    {
        var flow = new Flow(server, _client);
        foreach (var newer in _newer)
        {
            var lost = await flow.TokenAsync(Flow.RefreshRequest(newer.RefreshToken));
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (lost.Status, lost.Error));
            Assert.NotEmpty(lost.Text("error_description")!);
        }

        var kept = await flow.TokenAsync(Flow.RefreshRequest(_resting.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, kept.Status);
        Assert.Equal(_resting.Access.Kid, kept.Access.Kid);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync()).Status);
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync("/connect/revoke", new() { ["token"] = kept.RefreshToken })).Status);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(kept.RefreshToken))).Error);
    }
}
