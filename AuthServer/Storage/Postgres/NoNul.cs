using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace McpAspire.AuthServer.Storage.Postgres;

/// <summary>
/// PostgreSQL keeps every character but NUL, and fails where a text has one, also where it is only looked for. Forms
/// and queries with one are refused before; what comes otherwise, such as the names in Basic credentials, is replaced, so
/// that it is simply unknown.
/// </summary>
internal sealed class NoNul : DbCommandInterceptor
{
    internal static NoNul Instance { get; } = new();

    public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        foreach (DbParameter parameter in result.Parameters)
        {
            if (parameter.Value is string text && text.Contains('\0', StringComparison.Ordinal))
            {
                parameter.Value = text.Replace('\0', '\uFFFD');
            }
        }

        return result;
    }
}
