namespace McpAspire.AuthServer.Strangers;

/// <summary>Registers the bounds and the end of clients that nobody configured.</summary>
internal static class StrangerExtensions
{
    internal static void AddStrangers(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(StrangerOptions.From(builder.Configuration));
        builder.Services.AddSingleton<StrangerPruning>();
        builder.Services.AddSingleton<StrangerRoom>();
    }

    internal static OpenIddictServerBuilder UseStrangerRules(this OpenIddictServerBuilder server) => server.AddEventHandler(MarkUsed.Descriptor);
}
