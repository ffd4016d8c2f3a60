using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Tokens.Liveness;

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
             join account in database.Accounts on accountId equals account.Id into accounts
             from account in accounts.DefaultIfEmpty()
             join grant in database.Grants on grantId equals grant.Id into grants
             from grant in grants.DefaultIfEmpty()
             join session in database.Sessions on sid equals session.Id into sessions
             from session in sessions.DefaultIfEmpty()
             select new Standing(
                 new TokenRow(token.Status, token.Type, token.CreationDate, token.ExpirationDate, token.RedemptionDate, token.ReferenceId != null),
                 account, grant, session)).FirstOrDefault());

    internal Task<Standing?> AskAsync(AuthDbContext database, string tokenId, string? accountId, string? grantId, string? sid) =>
        _query(database, tokenId, accountId, grantId, sid);
}
