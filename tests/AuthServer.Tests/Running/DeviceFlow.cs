namespace McpAspire.AuthServer.Tests.Running;

/// <summary>The steps of a device (RFC 8628) and of the person who connects it.</summary>
internal sealed class DeviceFlow(RunningAuthServer server, string clientId = ConfiguredSurroundings.DeviceId, string? secret = null) : IDisposable
{
    internal const string Grant = "urn:ietf:params:oauth:grant-type:device_code";

    internal TestBrowser Browser { get; } = new(server.Issuer);

    internal Task<Answer> AskAsync(string? scope = "mcp:tools notes:write openid profile", params (string Name, string Value)[] more) =>
        PostAsync("/connect/device", [("scope", scope), .. more]);

    internal Task<Answer> PollAsync(string deviceCode, string? client = null) =>
        PostAsync("/connect/token", [("grant_type", Grant), ("device_code", deviceCode), ("client_id", client ?? clientId)]);

    internal async Task<Answer> PostAsync(string path, params (string Name, string? Value)[] fields)
    {
        var all = fields.Where(field => field.Value is not null).ToDictionary(field => field.Name, field => field.Value!);
        all.TryAdd("client_id", clientId);
        if (secret is not null)
        {
            all.TryAdd("client_secret", secret);
        }

        return await Answer.OfAsync(await server.Client.PostAsync(path, new FormUrlEncodedContent(all), TestContext.Current.CancellationToken));
    }

    /// <summary>Types the code, without signing in.</summary>
    internal async Task<Page> TypeAsync(string userCode) =>
        await Browser.SubmitAsync(await Browser.GoAsync("/device"), new() { ["user_code"] = userCode });

    /// <summary>Types the code and signs in where that is asked: to the question, or to what is wrong.</summary>
    internal async Task<Page> ToQuestionAsync(string userCode, string userName = "alice")
    {
        var page = await TypeAsync(userCode);
        return page.Url.AbsolutePath == "/sign-in" ? await SignInAsync(page, userName) : page;
    }

    internal Task<Page> SignInAsync(Page page, string userName = "alice") =>
        Browser.SubmitAsync(page, new() { ["username"] = userName, ["password"] = userName });

    internal Task<Page> AnswerAsync(Page page, string decision = "allow", Dictionary<string, string?>? changes = null) =>
        Browser.SubmitAsync(page, changes ?? [], ("decision", decision));

    public void Dispose() => Browser.Dispose();
}
