namespace McpAspire.AuthServer.Tokens.Redemption;

/// <summary>
/// Writes refreshes down. Each is written whole or not at all: the old token is redeemed by one conditional UPDATE, so exactly
/// one request wins, whatever processes race; its account, session and grant are looked at once more, so that an act
/// that ended one of them since <see cref="IssueTokens"/> looked wins; the new token is there with that. When session and
/// grant were last used is written to the minute (<see cref="SignIn.Sessions.UseInterval"/>).
/// </summary>
internal interface IRefreshWriter
{
    /// <returns>False where nothing was written, since something was not as it must be.</returns>
    Task<bool> WriteAsync(Refresh refresh);
}

/// <summary>A refresh, as it is written.</summary>
/// <param name="TokenId">The old refresh token, which must not be redeemed yet.</param>
/// <param name="AccountId">The account, which must not be disabled.</param>
/// <param name="Sid">The session, which must not have ended; null where the grant stands alone.</param>
/// <param name="GrantId">The grant, which must not have ended.</param>
/// <param name="New">The new refresh token.</param>
internal sealed record Refresh(string TokenId, string AccountId, string? Sid, string GrantId, NewTokenRow New);
