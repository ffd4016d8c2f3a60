namespace McpAspire.ClientWeb.Sessions.OpenPages;

/// <summary>Passes on what the channel says about ended sessions to the pages that are open here.</summary>
internal sealed class SessionEndListener(SessionEndChannel channel, OpenPageRegistry pages) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        channel.Listen(pages.Tell);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
