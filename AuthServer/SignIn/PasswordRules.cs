namespace McpAspire.AuthServer.SignIn;

/// <summary>What a password of this service must be.</summary>
internal sealed class PasswordRules(IHostEnvironment environment)
{
    internal const int Shortest = 12;

    /// <summary>What is wrong with a new password, in words for its owner; null where nothing is.</summary>
    internal string? Fault(string password, Account owner)
    {
        if (!environment.IsDevelopment() && password.Length < Shortest)
        {
            return $"The new password is too short. Use {Shortest} characters or more, for example a few words.";
        }

        return password.Length switch
        {
            0 => "The new password is empty.",
            > PasswordSignIn.LongestInput => $"The new password is too long. Use at most {PasswordSignIn.LongestInput} characters.",
            _ when PasswordSignIn.Normalize(password) == owner.UserName => "The new password is your user name. Use another one.",
            _ => null,
        };
    }
}
