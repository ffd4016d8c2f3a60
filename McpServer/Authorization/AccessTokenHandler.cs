using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>
/// Validates JWT access tokens (RFC 9068 §4). What the token says of itself is looked at first, so that a token of
/// another server or another kind never makes us ask for keys.
/// </summary>
internal sealed class AccessTokenHandler(IssuerKeys keys, ValidatedTokens validated) : JsonWebTokenHandler
{
    private static readonly string[] RequiredClaims = [JwtRegisteredClaimNames.Sub, JwtRegisteredClaimNames.Iat, "client_id"];

    /// <inheritdoc />
    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        try
        {
            if (validated.Find(token) is { } known && ReferenceEquals(await keys.FindAsync(known.Key.KeyId), known.Key))
            {
                return known.Result;
            }

            var jwt = ReadJsonWebToken(token);
            CheckKind(jwt, validationParameters);

            var parameters = validationParameters.Clone();
            var key = await keys.FindAsync(jwt.Kid)
                ?? throw new SecurityTokenSignatureKeyNotFoundException("The key is not among those that the authorization server publishes.");
            parameters.IssuerSigningKey = key;

            var result = await ValidateTokenAsync(jwt, parameters);
            if (result.IsValid)
            {
                CheckClaims(jwt);
                validated.Add(token, new ValidatedToken(result, key, jwt.ValidTo));
            }

            return result;
        }
        catch (Exception exception) when (exception is SecurityTokenException or ArgumentException or AuthorizationServerUnavailableException)
        {
            return new TokenValidationResult { IsValid = false, Exception = exception };
        }
    }

    private static void CheckKind(JsonWebToken jwt, TokenValidationParameters parameters)
    {
        if (!parameters.ValidTypes.Contains(jwt.Typ, StringComparer.OrdinalIgnoreCase))
        {
            throw new SecurityTokenInvalidTypeException("Not an access token.");
        }

        if (!parameters.ValidAlgorithms.Contains(jwt.Alg, StringComparer.Ordinal))
        {
            throw new SecurityTokenInvalidAlgorithmException("Not a signing algorithm that is accepted.");
        }

        if (!string.Equals(jwt.Issuer, parameters.ValidIssuer, StringComparison.Ordinal))
        {
            throw new SecurityTokenInvalidIssuerException("Another issuer.");
        }

        if (string.IsNullOrEmpty(jwt.Kid))
        {
            throw new SecurityTokenSignatureKeyNotFoundException("The token names no key.");
        }
    }

    private static void CheckClaims(JsonWebToken jwt)
    {
        foreach (var claim in RequiredClaims)
        {
            if (!jwt.TryGetPayloadValue<object>(claim, out var value) || value is null or "")
            {
                throw new MissingClaimException(claim);
            }
        }
    }
}
