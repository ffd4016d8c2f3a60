namespace McpAspire.AuthServer.AccountPages;

/// <summary>A field of the form for a new password.</summary>
public enum PasswordField
{
    /// <summary>The password that counts until now.</summary>
    Current,

    /// <summary>The new one.</summary>
    New,

    /// <summary>The new one once more.</summary>
    Again,
}
