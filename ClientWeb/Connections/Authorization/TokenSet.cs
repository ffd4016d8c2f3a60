namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>The tokens of a grant. They stay on the server.</summary>
/// <param name="AccessToken">For the resource, and only for it.</param>
/// <param name="ExpiresAt">When the access token ends.</param>
/// <param name="RefreshToken">Redeemed exactly once for the next set.</param>
/// <param name="Scope">The scopes granted, separated by spaces.</param>
internal sealed record TokenSet(string AccessToken, DateTimeOffset ExpiresAt, string? RefreshToken, string Scope)
{
    // Whatever prints an object must not print a token.
    public override string ToString() => $"tokens until {ExpiresAt:O}";
}

/// <summary>An answer of the token endpoint.</summary>
internal sealed record TokenAnswer(TokenSet Tokens, string? IdToken)
{
    public override string ToString() => Tokens.ToString();
}
