using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Tokens.Liveness;

/// <summary>What a presented code or token hangs on.</summary>
/// <param name="Token">Its own row, as far as it is asked for.</param>
/// <param name="Account">The person; null where they are gone.</param>
/// <param name="Grant">The grant; null where a code's is not written yet.</param>
/// <param name="Session">The session that the grant is bound to; null where it stands alone, or the session is gone.</param>
internal sealed record Standing(TokenRow Token, Account? Account, Grant? Grant, Session? Session);

/// <summary>The row of a code or token.</summary>
/// <param name="Status">OpenIddict's: valid, redeemed, revoked or inactive.</param>
/// <param name="Type">OpenIddict's: what kind it is.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="RedeemedAt">When it was used; null where it was not.</param>
/// <param name="IsReference">True where only the row holds what it says.</param>
internal sealed record TokenRow(string? Status, string? Type, DateTime? CreatedAt, DateTime? ExpiresAt, DateTime? RedeemedAt, bool IsReference);
