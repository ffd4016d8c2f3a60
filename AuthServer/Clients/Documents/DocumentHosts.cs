namespace McpAspire.AuthServer.Clients.Documents;

/// <summary>Whose metadata documents are taken, by the host of their URL (<see cref="DocumentOptions"/>).</summary>
internal sealed class DocumentHosts(DocumentOptions options)
{
    /// <exception cref="ClientRefusedException">It is a host whose documents are not taken here.</exception>
    internal void Check(Uri clientId)
    {
        var host = clientId.IdnHost;
        if (options.DeniedHosts.Any(pattern => Matches(pattern, host))
            || (options.AllowedHosts.Count > 0 && !options.AllowedHosts.Any(pattern => Matches(pattern, host))))
        {
            throw new ClientRefusedException($"Clients of {host} are not allowed at this authorization server. Its operator decides about that.");
        }
    }

    private static bool Matches(string pattern, string host) =>
        pattern.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            : string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase);
}
