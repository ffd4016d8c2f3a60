using McpAspire.AuthServer.Clients.Fetching;

namespace McpAspire.AuthServer.Clients.Documents;

/// <summary>
/// Fetches client ID metadata documents: through the outbound guard, of a bounded size and in a bounded time, 200 only, JSON by
/// content type; with limits of attempts, since nothing bad is ever kept.
/// </summary>
internal sealed class DocumentFetcher(
    RemoteJson remote, ClientGuard guards, DocumentAddress addresses, ClientRegistration registration, FetchLimit limit,
    Freshness freshness, DocumentOptions options, TimeProvider time)
{
    /// <summary>Counts an attempt of this source; also of one who only waits for what another fetches.</summary>
    /// <exception cref="ClientRefusedException">It had too many.</exception>
    internal Task CountSourceAsync() => limit.CountSourceAsync("document", "client metadata documents");

    /// <summary>The client that the document describes.</summary>
    /// <param name="clientId">Its URL.</param>
    /// <param name="renew">True where a fresh document is read again; such attempts can't use up the others.</param>
    /// <exception cref="ClientRefusedException">The document can't be had or is not good; the message says why.</exception>
    internal async Task<ClientDescriptor> FetchAsync(string clientId, bool renew)
    {
        var url = addresses.Check(clientId);
        await (renew ? limit.CountUnknownKeyAsync("document-kid", clientId, "metadata document") : limit.CountUrlAsync("document", clientId, "metadata document"));
        var answer = await remote.GetAsync(guards.ForDocuments, url, options.MostBytes, "client metadata document");
        var metadata = ClientMetadata.Parse(answer.Body.Span);
        if (!string.Equals(metadata.ClientId, clientId, StringComparison.Ordinal))
        {
            throw new ClientRefusedException("The client_id in the client metadata document is not the URL that it came from.");
        }

        var descriptor = registration.Describe(metadata, clientId, RegistrationTerms.Document);
        descriptor.Profile = descriptor.Profile with { FreshUntil = time.GetUtcNow() + freshness.Of(answer) };
        return descriptor;
    }
}
