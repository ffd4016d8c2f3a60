using System.Net;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.Documents;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.Logos;

/// <summary>
/// Fetches the logo of a client through the outbound guard, once as long as its document is fresh, so that no browser of
/// a person ever asks the client's server. A logo that can't be had is no fault of the client. It is asked for with its
/// document alone, so what limits those for one address limits logos; many documents may name one URL, which has a limit too.
/// </summary>
internal sealed class LogoFetcher(ClientGuard guards, LogoStore store, FetchLimit limit, DocumentOptions options, AuditLog audit)
{
    /// <summary>The digest under which the logo is served; null where there is none.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="uri">Its <c>logo_uri</c>.</param>
    /// <param name="before">What was kept for the same URI before.</param>
    /// <param name="until">How long it is kept.</param>
    internal async Task<string?> FetchAsync(string clientId, string uri, string? before, DateTimeOffset until)
    {
        if (before is not null && await store.ProlongAsync(before, until))
        {
            return before;
        }

        try
        {
            await limit.CountUrlAsync("logo", uri, "logo");
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.Accept.ParseAdd("image/webp, image/png, image/jpeg, image/gif");
            var answer = await guards.For(ClientSource.MetadataDocument, clientId, request.RequestUri!).SendAsync(request, options.MostLogoBytes, CancellationToken.None);
            if (answer.Status == HttpStatusCode.OK && LogoImage.MediaType(answer.Body.Span) is not null)
            {
                return await store.KeepAsync(answer.Body, until);
            }

            audit.LogoRefused(clientId, answer.Status == HttpStatusCode.OK ? "it is no PNG, JPEG, WebP or GIF" : $"its server answered {(int)answer.Status}");
        }
        catch (Exception exception) when (exception is OutboundException or ClientRefusedException)
        {
            audit.LogoRefused(clientId, exception.Message);
        }

        return null;
    }
}
