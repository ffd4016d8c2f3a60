using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Connections.Identity;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>Signing in: the authorization of the home connection, from discovery to a new session.</summary>
internal sealed partial class SignIn(
    HomeDiscovery discovery,
    HomeServer server,
    ClientIdentity client,
    PendingAuthorizationStore pendings,
    TokenClient tokenClient,
    IdTokenValidator idTokens,
    SessionStore sessions,
    GrantRevocation revocation,
    ILogger<SignIn> logger)
{
    /// <summary>Finds out where to sign in, and remembers what the answer must match.</summary>
    /// <param name="browser">The value of the browser's sign-in cookie.</param>
    /// <param name="returnPath">Where the person goes afterwards.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ConnectionException">Discovery failed.</exception>
    public async Task<AuthorizationRequest> BeginAsync(string browser, string returnPath, CancellationToken cancellationToken)
    {
        var home = await discovery.DiscoverAsync(cancellationToken);
        var request = AuthorizationRequest.Create(home, server, client, browser, returnPath);
        await pendings.AddAsync(request.State, request.Pending);
        return request;
    }

    /// <summary>
    /// Judges the answer, in an order in which nothing of it is acted on before it is known to be ours: state,
    /// browser, issuer, error, code.
    /// </summary>
    /// <param name="response">The answer.</param>
    /// <param name="browser">The value of the browser's sign-in cookie, if it sent one.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="SignInRefusedException">A rule is broken; the message says what to do.</exception>
    public async Task<FinishedSignIn> FinishAsync(AuthorizationResponse response, string? browser, CancellationToken cancellationToken)
    {
        var pending = await TakePendingAsync(response.State, browser);

        if (!IssuerIdentification.Holds(pending.Server, response.Issuer))
        {
            throw Refused("wrong iss", $"The answer does not come from {pending.Server.Issuer}, where this sign-in was begun. Nothing in it was used.");
        }

        if (response.Error is not null)
        {
            throw Refused(response.Error, InPlainWords(response, pending.Server));
        }

        if (response.Code is null)
        {
            throw Refused("no code", $"{pending.Server.Host} sent neither a code nor an error.");
        }

        return await RedeemAsync(pending, response.Code, cancellationToken);
    }

    // Taken only once the browser is known: whoever merely saw the state must not end somebody's sign-in.
    private async Task<PendingAuthorization> TakePendingAsync(string? state, string? browser)
    {
        if (state is null || await pendings.FindAsync(state) is not { } found)
        {
            throw UnknownState();
        }

        if (browser is null || !RandomValue.AreSame(RandomValue.Hash(browser), found.BrowserHash))
        {
            throw Refused("another browser", "This sign-in was begun in another browser. It ends only where it began.");
        }

        return await pendings.TakeAsync(state) ?? throw UnknownState();
    }

    private async Task<FinishedSignIn> RedeemAsync(PendingAuthorization pending, string code, CancellationToken cancellationToken)
    {
        try
        {
            // Not to be cancelled by whoever asked: a code redeemed and then forgotten would leave a grant behind.
            var answer = await tokenClient.RedeemCodeAsync(pending, code, CancellationToken.None);
            return await KeepAsync(pending, answer, cancellationToken);
        }
        catch (Exception exception) when (exception is TokenRefusedException or ConnectionException)
        {
            throw Refused("redemption", exception.Message);
        }
        catch (SignedOutException)
        {
            throw Refused("signed out meanwhile", $"{pending.Server.Host} ended this sign-in before it was finished here. Sign in again.");
        }
    }

    private async Task<FinishedSignIn> KeepAsync(PendingAuthorization pending, TokenAnswer answer, CancellationToken cancellationToken)
    {
        try
        {
            var person = await idTokens.ValidateAsync(answer.IdToken, pending, cancellationToken);
            var key = await sessions.AddAsync(new Session(person, pending.Server, pending.Resource), answer.Tokens);
            Done(person.Issuer, person.Subject);
            return new FinishedSignIn(key, pending.ReturnPath);
        }
        catch
        {
            // Nobody will use this grant.
            await revocation.TryRevokeAsync(pending.Server, answer.Tokens);
            throw;
        }
    }

    private SignInRefusedException UnknownState() => Refused(
        "unknown state", "This answer belongs to no sign-in that is under way. It may have been used already, or be older than ten minutes.");

    private SignInRefusedException Refused(string rule, string message)
    {
        RefusedBy(rule);
        return new SignInRefusedException(message);
    }

    private static string InPlainWords(AuthorizationResponse response, AuthorizationServerMetadata server) => response.Error switch
    {
        "access_denied" => $"Access was not allowed at {server.Host}. Nothing was changed.",
        "temporarily_unavailable" or "server_error" => $"{server.Host} has a problem of its own now. Try again in a while.",
        _ => $"{server.Host} refused: {response.Error}{(response.ErrorDescription is null ? "" : $" ({response.ErrorDescription})")}.",
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Signed in: {Subject} of {Issuer}")]
    private partial void Done(string issuer, string subject);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sign-in refused: {Rule}")]
    private partial void RefusedBy(string rule);
}

/// <summary>A new session and where to go with it.</summary>
internal sealed record FinishedSignIn(string SessionKey, string ReturnPath)
{
    // Whatever prints an object must not print the key.
    public override string ToString() => $"signed in, on to {ReturnPath}";
}

/// <summary>A sign-in was refused. The message is fit to be shown.</summary>
internal sealed class SignInRefusedException(string message) : Exception(message);
