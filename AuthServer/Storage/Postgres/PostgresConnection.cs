using Npgsql;

namespace McpAspire.AuthServer.Storage.Postgres;

/// <summary>Reads how a PostgreSQL database is named: <c>Host=…;Database=…</c> or <c>postgresql://user:password@host:port/database</c>.</summary>
internal static class PostgresConnection
{
    private const string Advice = "Write 'Host=…;Database=…;Username=…;Password=…' or 'postgresql://user:password@host:port/database'.";

    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    internal static bool IsOne(string connection) => IsUri(connection) || Database.HasKey(connection, "Host", "Server");

    /// <exception cref="InvalidOperationException">It can't be read, or names no database.</exception>
    internal static NpgsqlConnectionStringBuilder Parse(string connection)
    {
        NpgsqlConnectionStringBuilder parsed;
        try
        {
            parsed = IsUri(connection) ? OfUri(new Uri(connection)) : new NpgsqlConnectionStringBuilder(connection);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The text itself is not repeated: it may hold a password.
            throw Database.Wrong($"can't be read. {Advice}");
        }

        return string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Database)
            ? throw Database.Wrong($"must name a host and a database. {Advice}")
            : parsed;
    }

    private static bool IsUri(string connection) => Array.Exists(Schemes, scheme => connection.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    private static NpgsqlConnectionStringBuilder OfUri(Uri uri)
    {
        var parsed = new NpgsqlConnectionStringBuilder { Host = uri.Host, Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]) };
        if (uri.Port > 0)
        {
            parsed.Port = uri.Port;
        }

        if (uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, ..] parts)
        {
            parsed.Username = Uri.UnescapeDataString(user);
            parsed.Password = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : null;
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)))
        {
            var (name, value) = (Uri.UnescapeDataString(pair[0]), pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : string.Empty);
            if (name.Equals("sslmode", StringComparison.OrdinalIgnoreCase))
            {
                // The one name that libpq and Npgsql do not share; libpq's verify-full is Npgsql's VerifyFull.
                (name, value) = ("SSL Mode", value.Replace("-", string.Empty, StringComparison.Ordinal));
            }

            parsed[name] = value;
        }

        return parsed;
    }
}
