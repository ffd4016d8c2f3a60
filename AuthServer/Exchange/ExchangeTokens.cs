using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Tokens;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Exchange;

/// <summary>
/// Says what an exchanged token holds (RFC 8693 §2.2): the person, the grant and the session of the subject token, so that
/// it ends with them; who acts (§4.1); of what the person let the application know, no more; and no longer life.
/// </summary>
internal sealed class ExchangeTokens(ExchangeTarget target, IOptionsMonitor<OpenIddictServerOptions> options, TimeProvider time, AuditLog audit)
    : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<HandleTokenRequestContext, ExchangeTokens>(IssueTokens.Descriptor.Order + 200);

    public ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (context.SubjectTokenPrincipal is not { } subject)
        {
            return ValueTask.CompletedTask;
        }

        // In whole seconds, as tokens write times: the new one ends in the same second.
        var left = subject.GetExpirationDate()!.Value - DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        if (left <= TimeSpan.Zero)
        {
            context.Reject(Errors.InvalidRequest, "The subject_token has expired.");
            return ValueTask.CompletedTask;
        }

        string[] scopes = [ScopeCatalog.ProfileRead, .. subject.GetScopes().Where(ScopeCatalog.IsPartOfProfile)];
        var usual = options.CurrentValue.AccessTokenLifetime!.Value;
        context.Principal = TokenPrincipal.ForExchange(subject, context.ClientId!, scopes, target.Resource)
            .SetAccessTokenLifetime(left < usual ? left : usual);
        // RFC 8693 §2.2.1 wants it wherever it is not what was asked for; OpenIddict leaves it out.
        context.Parameters[Parameters.Scope] = ScopeCatalog.Text(scopes);
        audit.Exchanged(context.ClientId!, subject.GetClaim(Claims.Subject)!, subject.GetClaim(TokenPrincipal.GrantId)!);
        return ValueTask.CompletedTask;
    }
}
