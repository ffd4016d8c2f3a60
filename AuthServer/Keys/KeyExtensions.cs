using Microsoft.Extensions.Options;
using OpenIddict.Server;

namespace McpAspire.AuthServer.Keys;

/// <summary>Registers the key ring and hands its keys to OpenIddict.</summary>
internal static class KeyExtensions
{
    internal static void AddKeys(this IServiceCollection services)
    {
        services.AddSingleton<KeyRing>();
        services.AddScoped<KeyStore>();
        services.AddHostedService<KeyRotation>();
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(provider => provider.GetRequiredService<KeyRing>());
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(provider =>
            new ConfigureOptions<OpenIddictServerOptions>(options =>
            {
                var ring = provider.GetRequiredService<KeyRing>();
                options.SigningCredentials.AddRange(ring.Signing);
                options.EncryptionCredentials.AddRange(ring.Encryption);
            }));
    }

    internal static OpenIddictServerBuilder UseKeyRules(this OpenIddictServerBuilder server) => server
        .AddEventHandler(PickKeyByUse.Descriptor)
        .AddEventHandler(PublishedKeys.Descriptor);
}
