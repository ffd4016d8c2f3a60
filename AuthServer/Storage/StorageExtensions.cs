using McpAspire.AuthServer.Clients.Configured;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage.Outages;

namespace McpAspire.AuthServer.Storage;

/// <summary>Registers and prepares the database.</summary>
internal static class StorageExtensions
{
    internal static void AddStorage(this WebApplicationBuilder builder)
    {
        var database = Database.From(builder.Configuration);
        builder.Services.AddSingleton(database);
        builder.Services.AddOutages();
        database.AddContext(builder.Services);
        builder.Services.AddScoped<IssuerRecord>();
        builder.Services.AddHostedService<Pruning>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseCheck>("database", timeout: DatabaseCheck.Patience);
    }

    /// <summary>Migrates the database and makes what must be there before the first request, one process at a time.</summary>
    internal static async Task PrepareStorageAsync(this WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        await using var scope = app.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var database = services.GetRequiredService<Database>();
        await using var turn = await database.TakeTurnAsync(stopping);
        await database.MigrateAsync(services.GetRequiredService<AuthDbContext>(), stopping);
        await services.GetRequiredService<IssuerRecord>().KeepAsync(stopping);
        await services.GetRequiredService<KeyStore>().TurnAsync(stopping);
        await services.GetRequiredService<AccountSeed>().ApplyAsync(stopping);
        await services.GetRequiredService<ConfiguredClients>().ApplyAsync(stopping);
    }
}
