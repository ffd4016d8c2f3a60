namespace McpAspire.AuthServer.Limits;

/// <summary>Registers what counts attempts and wrong tries, and the limits of guessing.</summary>
internal static class LimitExtensions
{
    internal static void AddLimits(this WebApplicationBuilder builder)
    {
        // Made here and not at the first request, so that a bad setting stops the start.
        builder.Services.AddSingleton(GuessingOptions.From(builder.Configuration));
        builder.Services.AddSingleton<RequestSource>();
        builder.Services.AddSingleton<AttemptLimit>();
        builder.Services.AddSingleton<NetworkLimit>();
        builder.Services.AddSingleton<WrongTries>();
        builder.Services.AddSingleton<PasswordGuesses>();
        builder.Services.AddSingleton<SecretGuesses>();
    }

    internal static OpenIddictServerBuilder UseLimitRules(this OpenIddictServerBuilder server) => server
        .AddEventHandler(ClosedDoor.Descriptor)
        .AddEventHandler(CountWrongSecrets.Descriptor);
}
