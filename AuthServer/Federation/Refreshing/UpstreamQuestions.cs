namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>
/// Puts questions to providers apart from the request that needs the answer. A provider may make the old token worthless
/// as it answers, so the answer is kept whether or not somebody still waits for it; and an application that gives us
/// three seconds must hear from us in less.
/// </summary>
internal sealed class UpstreamQuestions(IServiceScopeFactory scopes)
{
    /// <summary>How long an application's refresh waits for the answer.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Asks in a scope of its own.</summary>
    /// <returns>The answer; null where the provider gave none, or none yet.</returns>
    internal async Task<ProviderSays?> AskAsync<TQuestion>(Func<TQuestion, Task<ProviderSays?>> ask) where TQuestion : notnull
    {
        var asked = Task.Run(async () =>
        {
            await using var scope = scopes.CreateAsyncScope();
            return await ask(scope.ServiceProvider.GetRequiredService<TQuestion>());
        });
        try
        {
            return await asked.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
