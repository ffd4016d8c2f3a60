using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// OpenIddict's manager of clients, which stores client secrets as their SHA-256: they are long and random, so
/// a slow hash would protect nothing and cost milliseconds a request. Redirect URIs are stored as they were written.
/// </summary>
/// <typeparam name="TApplication">The row of a client.</typeparam>
/// <param name="cache">OpenIddict's.</param>
/// <param name="logger">OpenIddict's.</param>
/// <param name="options">OpenIddict's.</param>
/// <param name="store">Where the rows are.</param>
internal sealed class ClientManager<TApplication>(
    IOpenIddictApplicationCache<TApplication> cache,
    ILogger<OpenIddictApplicationManager<TApplication>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictApplicationStore<TApplication> store) : OpenIddictApplicationManager<TApplication>(cache, logger, options, store)
    where TApplication : class
{
    private const string Prefix = "sha256:";

    private static readonly string NoSecretOrKey = OpenIddictResources.GetResourceString(OpenIddictResources.ID2113);

    /// <inheritdoc />
    public override async ValueTask PopulateAsync(
        TApplication application, OpenIddictApplicationDescriptor descriptor, CancellationToken cancellationToken = default)
    {
        await base.PopulateAsync(application, descriptor, cancellationToken);
        if (descriptor is ClientDescriptor client)
        {
            await Store.SetRedirectUrisAsync(application, client.ExactRedirectUris, cancellationToken);
        }
    }

    /// <summary>OpenIddict wants a secret or a key in the row of a confidential client. That the keys are elsewhere it does not know.</summary>
    public override async IAsyncEnumerable<ValidationResult> ValidateAsync(
        TApplication application, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var keysAreElsewhere = ClientProfile.Of(await Store.GetPropertiesAsync(application, cancellationToken))?.JwksUri is not null;
        await foreach (var result in base.ValidateAsync(application, cancellationToken))
        {
            if (!keysAreElsewhere || result.ErrorMessage != NoSecretOrKey)
            {
                yield return result;
            }
        }
    }

    /// <inheritdoc />
    protected override ValueTask<string> ObfuscateClientSecretAsync(string secret, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Hash(secret));

    /// <inheritdoc />
    protected override ValueTask<bool> ValidateClientSecretAsync(string secret, string comparand, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(secret)), Encoding.ASCII.GetBytes(comparand)));

    private static string Hash(string secret) => Prefix + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
