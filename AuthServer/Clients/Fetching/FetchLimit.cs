using McpAspire.AuthServer.Clients.Documents;
using McpAspire.AuthServer.Limits;

namespace McpAspire.AuthServer.Clients.Fetching;

/// <summary>
/// How often strangers make us ask for what clients describe themselves with: so often a minute for one URL, whoever asks, and
/// for one address, whatever it asks for (<see cref="DocumentOptions"/>). Each kind is counted by itself, since nothing bad is
/// ever kept and a document must not use up what a key set needs.
/// </summary>
internal sealed class FetchLimit(NetworkLimit networks, AttemptLimit attempts, RequestSource source, DocumentOptions options)
{
    /// <summary>Counts an attempt of the address that asks now.</summary>
    /// <param name="kind">What is counted together.</param>
    /// <param name="what">What is asked for, in the plural, for the message.</param>
    /// <exception cref="ClientRefusedException">It had too many.</exception>
    internal async Task CountSourceAsync(string kind, string what)
    {
        if (await networks.TryAsync($"{kind}-from", options.AttemptsPerSource) is not null)
        {
            throw new ClientRefusedException($"Too many {what} were asked for from this address. Try again in a minute.", mayPass: true);
        }
    }

    /// <summary>Counts an attempt at a URL.</summary>
    /// <param name="kind">What is counted together.</param>
    /// <param name="url">The URL.</param>
    /// <param name="what">What is there, for the message.</param>
    /// <exception cref="ClientRefusedException">There were too many.</exception>
    internal async Task CountUrlAsync(string kind, string url, string what)
    {
        if (await attempts.TryAsync(kind, url, options.AttemptsPerUrl) is not null)
        {
            throw new ClientRefusedException($"This client's {what} was asked for too often. Try again in a minute.", mayPass: true);
        }
    }

    /// <summary>
    /// Counts an attempt at a URL for a kid that nobody knows. Anybody can name one, so each address has its own: else it could
    /// use up those with which the client's new key is found.
    /// </summary>
    /// <inheritdoc cref="CountUrlAsync"/>
    internal Task CountUnknownKeyAsync(string kind, string url, string what) => CountUrlAsync(kind, $"{source.Network} {url}", what);
}
