namespace McpAspire.AuthServer.Guessing;

/// <summary>Registers the limits of guessing.</summary>
internal static class GuessingExtensions
{
    internal static void AddGuessing(this WebApplicationBuilder builder)
    {
        // Made here and not at the first request, so that a bad setting stops the start.
        builder.Services.AddSingleton(GuessingOptions.From(builder.Configuration));
        builder.Services.AddSingleton<WrongTries>();
        builder.Services.AddSingleton<SecretGuesses>();
    }

    internal static OpenIddictServerBuilder UseGuessingRules(this OpenIddictServerBuilder server) => server
        .AddEventHandler(ClosedDoor.Descriptor)
        .AddEventHandler(CountWrongSecrets.Descriptor);
}
