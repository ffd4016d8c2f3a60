using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Revocation;

/// <summary>The authorization that the token came from was ended.</summary>
internal sealed class TokenRevokedException() : SecurityTokenValidationException("The authorization was ended.");
