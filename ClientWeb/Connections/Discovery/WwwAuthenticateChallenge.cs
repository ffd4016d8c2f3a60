namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>One challenge of a <c>WWW-Authenticate</c> header (RFC 9110 §11.6.1): a scheme with parameters or one token68.</summary>
/// <param name="Scheme">The scheme; compared without regard to case.</param>
/// <param name="Token68">The token68, where the challenge has one instead of parameters.</param>
/// <param name="Parameters">The parameters by name, without regard to case. Of a repeated name the first counts.</param>
internal sealed record WwwAuthenticateChallenge(string Scheme, string? Token68, IReadOnlyDictionary<string, string> Parameters)
{
    public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);

    /// <summary>The first challenge of the scheme <c>Bearer</c> (RFC 6750 §3) in an answer's headers, if any.</summary>
    public static WwwAuthenticateChallenge? Bearer(System.Net.Http.Headers.HttpResponseHeaders headers) =>
        headers.NonValidated.TryGetValues("WWW-Authenticate", out var lines)
            ? lines.SelectMany(WwwAuthenticateParser.Parse).FirstOrDefault(challenge => challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            : null;
}
