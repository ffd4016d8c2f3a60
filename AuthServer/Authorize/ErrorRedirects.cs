using System.Collections.Immutable;
using McpAspire.AuthServer.Clients;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// To whom an authorization error may go by redirect (RFC 9700 §4.11.2). A redirect URI that a stranger registered would
/// make an open redirector of us, so such clients get one only after the person acted in the request, or where no page
/// may be shown (<c>prompt=none</c>). Configured clients, and those whose document's host is in the setting
/// <c>ErrorRedirects:AllowedHosts</c>, get it at once.
/// </summary>
internal sealed class ErrorRedirects
{
    private const string Setting = "ErrorRedirects:AllowedHosts";

    private readonly ImmutableHashSet<string> _allowedHosts;

    /// <exception cref="InvalidOperationException">An entry of the setting is no host; the message says what to write.</exception>
    internal ErrorRedirects(IConfiguration configuration)
    {
        var hosts = configuration.GetSection(Setting).Get<string[]>() ?? [];
        foreach (var host in hosts)
        {
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            {
                throw new InvalidOperationException($"The setting '{Setting}' has the entry '{host}': write the host alone, for example client.example.com.");
            }
        }

        _allowedHosts = hosts.ToImmutableHashSet(StringComparer.OrdinalIgnoreCase);
    }

    internal async Task<bool> AllowsAsync(
        IOpenIddictApplicationManager clients, OpenIddictRequest request, CancellationToken cancellationToken) =>
        request.Prompt == PromptValues.None
        || (await clients.FindByClientIdAsync(request.ClientId!, cancellationToken) is { } client
            && IsTrusted(request.ClientId!, await ClientProfile.OfAsync(clients, client, cancellationToken)));

    private bool IsTrusted(string clientId, ClientProfile profile) => profile.Source switch
    {
        ClientSource.Configured => true,
        ClientSource.MetadataDocument => _allowedHosts.Contains(new Uri(clientId).Host),
        _ => false,
    };
}
