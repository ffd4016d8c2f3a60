using McpAspire.ClientWeb.Connections.Discovery;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>The parameters of an authorization response (RFC 6749 §4.1.2).</summary>
internal sealed record AuthorizationResponse(string? State, string? Issuer, string? Code, string? Error, string? ErrorDescription)
{
    // Whatever prints an object must not print the code.
    public override string ToString() => Error ?? "authorization response";

    public static AuthorizationResponse Read(IQueryCollection query)
    {
        return new AuthorizationResponse(One("state"), One("iss"), One("code"), One("error"), One("error_description"));

        // A parameter that comes twice counts as missing (RFC 6749 §3.1: it must not).
        string? One(string name) => query[name] is [{ Length: > 0 and <= 4096 } value] ? value : null;
    }
}

/// <summary>
/// RFC 9207 §2.4: the response must name the issuer that was recorded before the redirect. It must name one wherever
/// the metadata says so; and where it names one unasked, that is compared too.
/// </summary>
internal static class IssuerIdentification
{
    public static bool Holds(AuthorizationServerMetadata recorded, string? issuer) =>
        issuer is null ? !recorded.SendsIssuer : string.Equals(issuer, recorded.Issuer, StringComparison.Ordinal);
}
