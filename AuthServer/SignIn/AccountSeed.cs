using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Storage;
using McpAspire.ServiceDefaults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.SignIn;

/// <summary>
/// Makes the accounts of the setting <c>Accounts</c> and, in Development only, alice, bob and admin, whose passwords
/// are their names; neither where people sign in with a provider only. Elsewhere no known password exists.
/// </summary>
internal sealed partial class AccountSeed(
    AuthDbContext database,
    IConfiguration configuration,
    IHostEnvironment environment,
    ProviderSet providers,
    IPasswordHasher<Account> hasher,
    TimeProvider time,
    ILogger<AccountSeed> logger)
{
    /// <summary>The accounts of Development: user name (and password), name, role.</summary>
    internal static readonly IReadOnlyList<(string UserName, string Name, string Role)> Development =
    [
        ("alice", "Alice Adams", "user"),
        ("bob", "Bob Brown", "user"),
        ("admin", "Ada Admin", "admin"),
    ];

    internal async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var accounts = SettingSection.ReadList<AccountOptions>(configuration, "Accounts");
        if (!providers.HasBuiltInAccounts && accounts.Length > 0)
        {
            AccountsUnused();
        }

        foreach (var configured in providers.HasBuiltInAccounts ? accounts : [])
        {
            Check(configured);
            await AddAsync(configured.UserName, configured.Password, configured.Name, configured.Email, configured.Roles, cancellationToken);
        }

        if (!environment.IsDevelopment())
        {
            await RefuseKnownPasswordsAsync(cancellationToken);
        }
        else if (providers.HasBuiltInAccounts)
        {
            foreach (var (userName, name, role) in Development)
            {
                await AddAsync(userName, userName, name, $"{userName}@example.com", [role], cancellationToken);
            }
        }

        if (!await database.Settings.AnyAsync(setting => setting.Name == PasswordSignIn.LastRefusal, cancellationToken))
        {
            database.Settings.Add(new Setting { Name = PasswordSignIn.LastRefusal, Value = string.Empty });
        }

        await database.SaveChangesAsync(cancellationToken);
        if (providers.All.Count == 0 && !await database.Accounts.AnyAsync(cancellationToken))
        {
            NoAccounts();
        }
    }

    private async Task AddAsync(
        string userName, string password, string? name, string? email, IEnumerable<string> roles, CancellationToken cancellationToken)
    {
        var normalized = PasswordSignIn.Normalize(userName);
        if (await database.Accounts.AnyAsync(account => account.UserName == normalized, cancellationToken))
        {
            return;
        }

        var account = new Account
        {
            Id = RandomId.New(),
            UserName = normalized,
            Name = name ?? userName,
            Email = email,
            Roles = string.Join(' ', roles),
            CreatedAt = time.GetUtcNow(),
        };
        account.PasswordHash = hasher.HashPassword(account, password);
        database.Accounts.Add(account);
    }

    /// <summary>A database that began in Development holds accounts whose passwords everyone can read in the sources.</summary>
    private async Task RefuseKnownPasswordsAsync(CancellationToken cancellationToken)
    {
        foreach (var (userName, _, _) in Development)
        {
            var account = await database.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.UserName == userName, cancellationToken);
            if (account is not null && hasher.VerifyHashedPassword(account, account.PasswordHash!, userName) != PasswordVerificationResult.Failed)
            {
                throw new InvalidOperationException(
                    $"The account '{userName}' still has its password of Development, which is its name. Outside Development nothing starts with it: "
                    + "set 'DataFolder' to a new folder, or delete the account from the table 'Accounts'.");
            }
        }
    }

    private void Check(AccountOptions configured)
    {
        if (string.IsNullOrWhiteSpace(configured.UserName))
        {
            throw new InvalidOperationException("An entry of the setting 'Accounts' has no 'UserName'.");
        }

        if (!environment.IsDevelopment() && configured.Password.Length < PasswordRules.Shortest)
        {
            throw new InvalidOperationException(
                $"The account '{configured.UserName}' of the setting 'Accounts' needs a 'Password' of {PasswordRules.Shortest} characters or more.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "There is no account yet, so nobody can sign in. Set 'Accounts:0:UserName' and 'Accounts:0:Password' and start again.")]
    private partial void NoAccounts();

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The setting 'Accounts' is not used, since people sign in with a provider. Set 'SignIn:BuiltInAccounts' to true to have both.")]
    private partial void AccountsUnused();
}
