using System.Security.Claims;
using McpAspire.ServiceDefaults;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients.Assertions;

/// <summary>
/// What a client assertion must say (RFC 7523 §3): from and about the client itself, for us alone
/// (<see cref="ClientAssertionAudience"/>), expired neither now nor too far ahead (<see cref="ClientAssertionOptions"/>), and used once: its
/// <c>jti</c> is remembered for as long as it could be used.
/// </summary>
internal sealed class ClientAssertionClaims(UsedAssertions used, ClientAssertionAudience audience, ClientAssertionOptions options, TimeProvider time)
    : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
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

        if (!await used.TryUseAsync(assertion.GetClaim(Claims.Issuer)!, assertion.GetClaim(Claims.JwtId)!, options.LongestLifetime + ClockSkew.Allowed + ClockSkew.Allowed))
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

        if (assertion.GetAudiences() is not [var named] || !audience.Takes(named))
        {
            return $"The client assertion's aud must be {audience.Issuer} alone.";
        }

        var now = time.GetUtcNow();
        if (assertion.GetExpirationDate() is not { } expires || expires < now - ClockSkew.Allowed || expires > now + options.LongestLifetime + ClockSkew.Allowed)
        {
            return $"The client assertion's exp is missing, has passed or is more than {options.LongestLifetime.TotalMinutes:0.#} minutes ahead. Check the client's clock.";
        }

        if (IsAhead(assertion.GetClaim(Claims.IssuedAt), now) || IsAhead(assertion.GetClaim(Claims.NotBefore), now))
        {
            return "The client assertion's iat or nbf is in the future. Check the client's clock.";
        }

        return assertion.GetClaim(Claims.JwtId) is { Length: > 0 and <= UsedAssertions.LongestId } ? null : "The client assertion needs a jti of at most 256 characters.";
    }

    private static bool IsAhead(string? claim, DateTimeOffset now) =>
        long.TryParse(claim, out var seconds) && seconds > (now + ClockSkew.Allowed).ToUnixTimeSeconds();
}
