using System.Net;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>One authorization of a client, whose refresh token says whether it lives.</summary>
internal sealed class Life(Flow flow, Answer tokens, string code)
{
    internal Flow Flow => flow;

    internal Answer Tokens { get; private set; } = tokens;

    internal string Code => code;

    internal string Grant => Tokens.Access.GetClaim("grant_id").Value;

    internal string Subject => Tokens.Access.Subject;

    internal string Entry => $"grant:{Grant}";

    internal static async Task<Life> BeginAsync(Flow flow, string scope, string userName)
    {
        var code = await flow.CodeAsync(flow.Request(scope), userName);
        return new Life(flow, await flow.TokenAsync(flow.CodeRequest(code)), code);
    }

    internal async Task RefreshAsync()
    {
        var answer = await flow.TokenAsync(Flow.RefreshRequest(Tokens.RefreshToken));
        Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Error));
        Tokens = answer;
    }

    internal async Task IsOverAsync() => Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(Tokens.RefreshToken))).Error);
}

/// <summary>
/// A person in two browsers: in the first, both clients have a grant that is bound to the session, and the first client
/// has one that stands alone; in the second browser the first client has a bound one.
/// </summary>
internal sealed class Lives
{
    internal required Life One { get; init; }

    internal required Life Other { get; init; }

    internal required Life Standalone { get; init; }

    internal required Life SecondBrowser { get; init; }

    internal required string[] Before { get; init; }

    internal TestBrowser Browser => One.Flow.Browser;

    internal string Session => One.Tokens.Access.GetClaim("sid").Value;

    internal string SecondSession => SecondBrowser.Tokens.Access.GetClaim("sid").Value;

    internal static async Task<Lives> BeginAsync(EndingsSurroundings stack, string userName = "alice")
    {
        var first = new Flow(stack.Server, stack.One);
        var one = await Life.BeginAsync(first, "openid mcp:tools", userName);
        var second = new Flow(stack.Server, stack.Other);
        foreach (var (name, value) in first.Browser.Cookies)
        {
            second.Browser.Cookies[name] = value;
        }

        return new Lives
        {
            One = one,
            Standalone = await Life.BeginAsync(first, "mcp:tools offline_access", userName),
            Other = await Life.BeginAsync(second, "openid mcp:tools", userName),
            SecondBrowser = await Life.BeginAsync(new Flow(stack.Server, stack.One), "openid mcp:tools", userName),
            Before = await stack.Revocations.MembersAsync(),
        };
    }

    /// <summary>These are over, and all the others live on.</summary>
    internal async Task OverAsync(params Life[] ended)
    {
        foreach (var life in new[] { One, Other, Standalone, SecondBrowser })
        {
            await (ended.Contains(life) ? life.IsOverAsync() : life.RefreshAsync());
        }
    }
}
