using System.Security.Cryptography;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Strangers;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Registration;

/// <summary>
/// Writes down the clients that register. Two processes that are asked for the same public client at once give it one
/// id: the digest is unique in the database.
/// </summary>
internal sealed class RegistrationStore(IServiceScopeFactory scopes, StrangerRoom room, StrangerOptions options, TimeProvider time)
{
    /// <summary>How long a client that nobody used yet is safe, however many others come.</summary>
    private static readonly TimeSpan SafeFor = TimeSpan.FromHours(1);

    private const int SecretBytes = 32;

    /// <summary>
    /// The client that registered the same before, or null. It has its id anew where it could else be removed before it is
    /// used; not each time, or one address could keep all places taken for ever.
    /// </summary>
    internal async Task<RegisteredClient?> FindSameAsync(ClientDescriptor descriptor, CancellationToken cancellationToken)
    {
        if (RegistrationDigest.Of(descriptor) is not { } digest)
        {
            return null;
        }

        var now = time.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var same = database.StrangerClients.AsNoTracking().Where(client => client.Digest == digest);
        if (await same.FirstOrDefaultAsync(cancellationToken) is not { } found)
        {
            return null;
        }

        if (found.CreatedAt > now - (options.UnusedLifetime / 2))
        {
            return new RegisteredClient(found.ClientId, found.CreatedAt, descriptor, Secret: null);
        }

        return await same.ExecuteUpdateAsync(row => row.SetProperty(client => client.CreatedAt, now), cancellationToken) == 1
            ? new RegisteredClient(found.ClientId, now, descriptor, Secret: null)
            : null;
    }

    /// <summary>True where one more unused client may be; makes room among the oldest ones.</summary>
    internal async Task<bool> HasRoomAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await room.MakeAsync(
            scope.ServiceProvider.GetRequiredService<AuthDbContext>(), ClientSource.Registered, SafeFor, cancellationToken);
    }

    /// <summary>Writes down a new client.</summary>
    internal async Task<RegisteredClient> AddAsync(ClientDescriptor descriptor, CancellationToken cancellationToken)
    {
        var secret = descriptor.Profile.AuthenticationMethod is ClientAuthenticationMethods.ClientSecretBasic or ClientAuthenticationMethods.ClientSecretPost
            ? Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(SecretBytes))
            : null;
        descriptor.ClientSecret = secret;
        var now = time.GetUtcNow();
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
            await using var transaction = await database.BeginAsync(cancellationToken);
            database.StrangerClients.Add(new StrangerClient
            {
                ClientId = descriptor.ClientId!,
                Source = ClientSource.Registered,
                Digest = RegistrationDigest.Of(descriptor),
                CreatedAt = now,
            });
            await database.SaveChangesAsync(cancellationToken);
            await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(descriptor, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new RegisteredClient(descriptor.ClientId!, now, descriptor, secret);
        }
        catch (DbUpdateException exception)
        {
            // Another request was first with the same public client.
            return await FindSameAsync(descriptor, cancellationToken) ?? throw new InvalidOperationException("The client could not be written down.", exception);
        }
        catch (OpenIddictExceptions.ValidationException exception)
        {
            throw new ClientRefusedException(string.Join(' ', exception.Results.Select(result => result.ErrorMessage)));
        }
    }
}
