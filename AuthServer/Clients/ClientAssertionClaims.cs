using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using McpAspire.AuthServer.Discovery;
using McpAspire.ServiceDefaults.PublicUrls;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using StackExchange.Redis;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// What a client assertion must say (RFC 7523 §3): from and about the client itself, for our issuer or token endpoint
/// alone, expired neither now nor more than 10 minutes ahead, and used once: its <c>jti</c> is remembered in Redis, for
/// all replicas, for as long as it could be used.
/// </summary>
internal sealed class ClientAssertionClaims(IConnectionMultiplexer redis, PublicUrl issuer, TimeProvider time) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private const int LongestId = 256;

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireClientAssertionPrincipal>()
            .UseScopedHandler<ClientAssertionClaims>()
            .SetOrder(OpenIddictServerHandlers.ValidateClientAssertionWellknownClaims.Descriptor.Order - 500)
            .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        var assertion = context.ClientAssertionPrincipal!;
        if (Fault(assertion, context.ClientId) is { } fault)
        {
            context.Reject(Errors.InvalidClient, fault);
            return;
        }

        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{assertion.GetClaim(Claims.Issuer)}\n{assertion.GetClaim(Claims.JwtId)}")));
        if (!await redis.GetDatabase().StringSetAsync($"authserver:jti:{digest}", 1, Longest + Skew + Skew, when: When.NotExists))
        {
            context.Reject(Errors.InvalidClient, "The client assertion was used before. Make a new one, with a new jti, for each request.");
        }
    }

    private string? Fault(ClaimsPrincipal assertion, string? clientId)
    {
        var from = assertion.GetClaim(Claims.Issuer);
        if (string.IsNullOrEmpty(from) || from != assertion.GetClaim(Claims.Subject) || (clientId is not null && clientId != from))
        {
            return "The client assertion's iss and sub must both be the client_id.";
        }

        if (assertion.GetAudiences() is not [var audience] || (audience != issuer.Value && audience != issuer.Of(Endpoints.Token)))
        {
            return $"The client assertion's aud must be {issuer.Value} alone.";
        }

        var now = time.GetUtcNow();
        if (assertion.GetExpirationDate() is not { } expires || expires < now - Skew || expires > now + Longest + Skew)
        {
            return "The client assertion's exp is missing, has passed or is more than 10 minutes ahead. Check the client's clock.";
        }

        if (IsAhead(assertion.GetClaim(Claims.IssuedAt), now) || IsAhead(assertion.GetClaim(Claims.NotBefore), now))
        {
            return "The client assertion's iat or nbf is in the future. Check the client's clock.";
        }

        return assertion.GetClaim(Claims.JwtId) is { Length: > 0 and <= LongestId } ? null : "The client assertion needs a jti of at most 256 characters.";
    }

    private static bool IsAhead(string? claim, DateTimeOffset now) =>
        long.TryParse(claim, out var seconds) && seconds > (now + Skew).ToUnixTimeSeconds();
}
