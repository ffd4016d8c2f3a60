namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>Proof Key for Code Exchange (RFC 7636): a verifier and its S256 challenge.</summary>
/// <param name="Verifier">Kept here until the code is redeemed (§4.1).</param>
internal sealed record ProofKey(string Verifier)
{
    public const string Method = "S256";

    /// <summary>BASE64URL(SHA256(verifier)), sent with the authorization request (§4.2).</summary>
    public string Challenge => RandomValue.Hash(Verifier);

    public static ProofKey Create() => new(RandomValue.Create());
}
