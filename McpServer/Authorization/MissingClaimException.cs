using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>A token lacks a claim that access tokens must have (RFC 9068 §2.2).</summary>
internal sealed class MissingClaimException(string claim) : SecurityTokenValidationException($"The token has no '{claim}'.")
{
    /// <summary>The claim.</summary>
    public string Claim { get; } = claim;
}
