using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Reads all that a token hangs on by one statement: every refresh asks for it, and a statement costs more than the rows.
/// Compiled once for each process.
/// </summary>
internal sealed class StandingQuery
{
    private readonly Func<AuthDbContext, string, string?, string?, string?, Task<Standing?>> _query = EF.CompileAsyncQuery(
        (AuthDbContext database, string tokenId, string? accountId, string? grantId, string? sid) =>
            (from token in database.Tokens.AsNoTracking()
             where token.Id == tokenId
             from account in database.Accounts.Where(row => row.Id == accountId).DefaultIfEmpty()
             from grant in database.Grants.Where(row => row.Id == grantId).DefaultIfEmpty()
             from session in database.Sessions.Where(row => row.Id == sid).DefaultIfEmpty()
             select new Standing(
                 new TokenRow(token.Status, token.Type, token.CreationDate, token.ExpirationDate, token.RedemptionDate, token.ReferenceId != null),
                 account, grant, session)).FirstOrDefault());

    internal Task<Standing?> AskAsync(AuthDbContext database, string tokenId, string? accountId, string? grantId, string? sid) =>
        _query(database, tokenId, accountId, grantId, sid);
}
