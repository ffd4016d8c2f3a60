using System.Security.Cryptography;
using System.Text;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using StackExchange.Redis;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// A client assertion is good for one use: its <c>jti</c> is remembered in Redis, for all replicas, until it expires,
/// which may be 10 minutes ahead at most (RFC 7523 §3).
/// </summary>
internal sealed class ClientAssertionOnce(IConnectionMultiplexer redis, TimeProvider time) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private const int LongestId = 256;

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireClientAssertionPrincipal>()
            .UseScopedHandler<ClientAssertionOnce>()
            .SetOrder(OpenIddictServerHandlers.ValidateClientAssertionIssuer.Descriptor.Order + 500)
            .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        var assertion = context.ClientAssertionPrincipal!;
        var now = time.GetUtcNow();
        var expires = assertion.GetExpirationDate()!.Value;
        if (expires > now + Longest + Skew)
        {
            context.Reject(Errors.InvalidClient, "The client assertion's exp is more than 10 minutes ahead.");
            return;
        }

        if (NotYet(assertion.GetClaim(Claims.IssuedAt), now) || NotYet(assertion.GetClaim(Claims.NotBefore), now))
        {
            context.Reject(Errors.InvalidClient, "The client assertion's iat or nbf is in the future. Check the client's clock.");
            return;
        }

        var id = assertion.GetClaim(Claims.JwtId);
        if (string.IsNullOrEmpty(id) || id.Length > LongestId)
        {
            context.Reject(Errors.InvalidClient, "The client assertion needs a jti of at most 256 characters.");
            return;
        }

        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{assertion.GetClaim(Claims.Issuer)}\n{id}")));
        if (!await redis.GetDatabase().StringSetAsync($"authserver:jti:{digest}", 1, Longest + Skew + Skew, when: When.NotExists))
        {
            context.Reject(Errors.InvalidClient, "The client assertion was used before. Make a new one, with a new jti, for each request.");
        }
    }

    private static bool NotYet(string? claim, DateTimeOffset now) =>
        long.TryParse(claim, out var seconds) && seconds > (now + Skew).ToUnixTimeSeconds();
}
