using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Federation.LoggingOut;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Revocation;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.SignOut;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OpenIddict.EntityFrameworkCore.Models;

namespace McpAspire.AuthServer.Storage;

/// <summary>
/// The authorization server's durable truth: accounts, sessions, grants, consents, keys, clients and tokens. Each kind of
/// database has a context of its own, since each has migrations of its own.
/// </summary>
internal abstract class AuthDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>Client ids may be URLs (client ID metadata documents); OpenIddict's own limit is 100.</summary>
    internal const int ClientIdLength = 450;

    internal DbSet<Account> Accounts => Set<Account>();

    internal DbSet<Session> Sessions => Set<Session>();

    internal DbSet<Link> Links => Set<Link>();

    internal DbSet<Grant> Grants => Set<Grant>();

    internal DbSet<Consent> Consents => Set<Consent>();

    internal DbSet<StoredRevocation> Revocations => Set<StoredRevocation>();

    internal DbSet<LogoutNotice> LogoutNotices => Set<LogoutNotice>();

    internal DbSet<UpstreamEnding> UpstreamEndings => Set<UpstreamEnding>();

    internal DbSet<StoredKey> Keys => Set<StoredKey>();

    internal DbSet<Setting> Settings => Set<Setting>();

    internal DbSet<StrangerClient> StrangerClients => Set<StrangerClient>();

    internal DbSet<OpenIddictEntityFrameworkCoreApplication> Clients => Set<OpenIddictEntityFrameworkCoreApplication>();

    internal DbSet<OpenIddictEntityFrameworkCoreToken> Tokens => Set<OpenIddictEntityFrameworkCoreToken>();

    /// <summary>Begins a transaction. Where the database has one writer at a time it waits until that is this one.</summary>
    internal virtual Task<IDbContextTransaction> BeginAsync(CancellationToken cancellationToken) => Database.BeginTransactionAsync(cancellationToken);

    /// <summary>
    /// Begins a transaction that takes turns with all others begun so, in every process: what one reads, no other one
    /// changes, and those that write many rows never wait for each other in a circle.
    /// </summary>
    internal abstract Task<IDbContextTransaction> BeginInTurnAsync(CancellationToken cancellationToken);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.UseOpenIddict();
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreApplication>().Property(client => client.ClientId).HasMaxLength(ClientIdLength);
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreToken>().HasIndex(token => token.ExpirationDate);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AuthDbContext).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
}
