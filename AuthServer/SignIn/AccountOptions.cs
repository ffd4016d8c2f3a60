namespace McpAspire.AuthServer.SignIn;

/// <summary>An account that configuration asks for, section <c>Accounts</c>. It is made at the first start and never changed after.</summary>
internal sealed class AccountOptions
{
    public string UserName { get; set; } = string.Empty;

    public string Password { get; set; } = string.Empty;

    public string? Name { get; set; }

    public string? Email { get; set; }

    public IList<string> Roles { get; } = [];
}
