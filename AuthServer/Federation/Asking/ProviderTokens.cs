using McpAspire.AuthServer.Federation.Providers;
using McpAspire.ServiceDefaults;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Federation.Asking;

/// <summary>
/// Validates the JWTs of one provider: issuer and audience exactly, our clock with some skew, asymmetric
/// signatures only. A key that we don't know makes us fetch its keys again, since it may have rotated them.
/// </summary>
/// <param name="provider">The provider.</param>
/// <param name="metadata">Its keys.</param>
/// <param name="time">The clock.</param>
/// <param name="audience">Whom the tokens are for, where that is not our client there.</param>
internal sealed class ProviderTokens(Provider provider, ProviderMetadata metadata, TimeProvider time, string? audience = null) : JsonWebTokenHandler
{
    private static readonly string[] Asymmetric =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>The framework's handler asks so for ID tokens.</summary>
    public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters) =>
        ValidateAsync(token, CancellationToken.None);

    internal async Task<TokenValidationResult> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        var result = await ValidateAsync(token, await metadata.GetConfigurationAsync(cancellationToken));
        return result.Exception is SecurityTokenSignatureKeyNotFoundException
            ? await ValidateAsync(token, await metadata.GetFreshAsync(cancellationToken))
            : result;
    }

    private Task<TokenValidationResult> ValidateAsync(string token, OpenIdConnectConfiguration configuration) => base.ValidateTokenAsync(token, new TokenValidationParameters
    {
        ValidIssuer = provider.Issuer,
        ValidAudience = audience ?? provider.ClientId,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        IssuerSigningKeys = configuration.SigningKeys,
        // Not a list: an empty one would mean any.
        AlgorithmValidator = (algorithm, _, _, _) => Algorithms(configuration).Contains(algorithm),
        RequireExpirationTime = true,
        ClockSkew = ClockSkew.Allowed,
        LifetimeValidator = (notBefore, expires, _, _) => IsLiving(notBefore, expires),
        NameClaimType = JwtRegisteredClaimNames.Sub,
    });

    /// <summary>The algorithms of a provider that are taken: asymmetric, and among those that it says it signs with, where it says so.</summary>
    internal static IEnumerable<string> Algorithms(OpenIdConnectConfiguration configuration) => Asymmetric.Where(algorithm =>
        configuration.IdTokenSigningAlgValuesSupported.Count == 0 || configuration.IdTokenSigningAlgValuesSupported.Contains(algorithm));

    private bool IsLiving(DateTime? notBefore, DateTime? expires)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires > now - ClockSkew.Allowed && (notBefore ?? now) < now + ClockSkew.Allowed;
    }
}
