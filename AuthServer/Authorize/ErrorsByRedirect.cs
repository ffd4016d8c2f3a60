using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Clients.RedirectUris;
using McpAspire.AuthServer.Discovery;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// Notes that the client is known and the redirect URI is its own. What is refused before this point is shown here, since
/// nobody knows where it belongs (RFC 6749 §4.1.2.1).
/// </summary>
internal sealed class ValidRedirect : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateAuthorizationRequestContext, ValidRedirect>(ExactRedirectUri.Descriptor.Order + 100);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        context.Transaction.SetProperty(typeof(ValidRedirect).FullName!, context.RedirectUri!);
        return ValueTask.CompletedTask;
    }

    internal static string? Of(OpenIddictServerTransaction transaction) => transaction.GetProperty<string>(typeof(ValidRedirect).FullName!);
}

/// <summary>
/// Sends an authorization error to the client (RFC 6749 §4.1.2.1), with <c>state</c> and <c>iss</c> (RFC 9207 §2), where
/// <see cref="ErrorRedirects"/> allows it; else the authorization endpoint shows it. OpenIddict would show each one that
/// it found itself.
/// </summary>
internal sealed class ErrorsByRedirect(ErrorRedirects redirects, IOpenIddictApplicationManager clients, AuditLog audit)
    : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ApplyAuthorizationResponseContext, ErrorsByRedirect>(OpenIddictServerHandlers.Authentication.InferResponseMode.Descriptor.Order + 500);

    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        var response = context.Response;
        if (string.IsNullOrEmpty(response.Error))
        {
            return;
        }

        var decided = context.Transaction.GetProperty<object>(typeof(ErrorsByRedirect).FullName!) is not null;
        var redirect = ValidRedirect.Of(context.Transaction);
        if (redirect is null || !(decided || await redirects.AllowsAsync(clients, context.Request!, context.CancellationToken)))
        {
            context.RedirectUri = null;
            return;
        }

        if (!decided)
        {
            audit.AuthorizationRefused(context.Request!.ClientId, response.Error, response.ErrorDescription);
        }

        context.RedirectUri = redirect;
        // The one that we have, also where the request asked for another.
        context.ResponseMode = ResponseModes.Query;
        response.ErrorDescription = PlainErrorDescriptions.Of(response.ErrorDescription);
        response.ErrorUri = null;
    }

    /// <summary>The authorization endpoint itself decided that this error goes to the client, and audited it.</summary>
    internal static void Decide(OpenIddictServerTransaction transaction) => transaction.SetProperty(typeof(ErrorsByRedirect).FullName!, new object());
}

/// <summary>
/// A request object is refused once the redirect URI is known to be good, not before as OpenIddict does, so that the client
/// learns of it (OpenID Connect Core §6.1).
/// </summary>
internal sealed class NoRequestObject : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateAuthorizationRequestContext, NoRequestObject>(ValidRedirect.Descriptor.Order + 100);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        if (!string.IsNullOrEmpty(context.Request.Request))
        {
            context.Reject(Errors.RequestNotSupported, "Request objects are not taken here. Send the parameters themselves, or push them.");
        }

        return ValueTask.CompletedTask;
    }
}
