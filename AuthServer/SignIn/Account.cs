using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.SignIn;

/// <summary>A person. The id is random and is <c>sub</c>, for good.</summary>
public sealed class Account
{
    /// <summary><c>sub</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What the person types to sign in here, in lower case; null where another provider signs them in.</summary>
    public string? UserName { get; init; }

    /// <summary>Made by ASP.NET Core Identity's hasher; null where another provider signs the person in.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>The user name at the provider that last signed the person in. It identifies nobody.</summary>
    public string? UpstreamUserName { get; set; }

    /// <summary>The person's name.</summary>
    public required string Name { get; set; }

    /// <summary>The person's e-mail address; it identifies nobody.</summary>
    public string? Email { get; set; }

    /// <summary>Roles, separated by spaces.</summary>
    public string Roles { get; set; } = string.Empty;

    /// <summary>When the account was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Wrong passwords since the last right one or the end of the last lock.</summary>
    public int FailedSignIns { get; set; }

    /// <summary>Until then no password is right.</summary>
    public DateTimeOffset? LockedUntil { get; set; }

    /// <summary>Since when an operator lets this person sign in no more; null while they may.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    internal string? ShownUserName => UserName ?? UpstreamUserName;

    internal IEnumerable<string> RoleList => Roles.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    internal sealed class Configuration : IEntityTypeConfiguration<Account>
    {
        public void Configure(EntityTypeBuilder<Account> builder)
        {
            builder.ToTable("Accounts").HasKey(account => account.Id);
            builder.Property(account => account.Id).HasMaxLength(50);
            builder.Property(account => account.UserName).HasMaxLength(256);
            builder.HasIndex(account => account.UserName).IsUnique();
            builder.Property(account => account.UpstreamUserName).HasMaxLength(256);
            builder.Property(account => account.Name).HasMaxLength(256);
            builder.Property(account => account.Email).HasMaxLength(256);
        }
    }
}
