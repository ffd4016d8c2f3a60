using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.SignOut;

namespace McpAspire.AuthServer.Audit;

/// <summary>
/// The audit log: one event per decision, with who, which client and what was decided; the trace id is the log's own.
/// No secret is ever an argument here, and no value can forge another event (<see cref="OneLineLogger"/>).
/// </summary>
internal sealed partial class AuditLog
{
    private readonly OneLineLogger _logger;

    public AuditLog(ILogger<AuditLog> logger) => _logger = new OneLineLogger(logger);

    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "Signed in: account {Account}, session {Session}")]
    internal partial void SignedIn(string account, string session);

    [LoggerMessage(EventId = 101, Level = LogLevel.Warning, Message = "Sign-in refused: {Reason}, account {Account}")]
    internal partial void SignInRefused(string reason, string? account);

    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "Session ended: account {Account}, session {Session}, {Reason}")]
    internal partial void SessionEnded(string account, string session, EndReason reason);

    [LoggerMessage(EventId = 103, Level = LogLevel.Information, Message = "Everything of a person ended: account {Account}, {Reason}, {Sessions} sessions, {Grants} grants")]
    internal partial void EverythingEnded(string account, EndReason reason, int sessions, int grants);

    [LoggerMessage(EventId = 104, Level = LogLevel.Information, Message = "Application removed: account {Account}, client {Client}")]
    internal partial void ApplicationRemoved(string account, string client);

    [LoggerMessage(EventId = 105, Level = LogLevel.Warning, Message = "Form refused: {Form}, account {Account}, {Reason}")]
    internal partial void FormRefused(string form, string? account, string reason);

    [LoggerMessage(EventId = 106, Level = LogLevel.Information, Message = "Told of a logout: {Kind} {Target}, account {Account}, session {Session}")]
    internal partial void LogoutTold(NoticeKind kind, string target, string account, string? session);

    [LoggerMessage(EventId = 107, Level = LogLevel.Warning, Message = "Not told of a logout: {Kind} {Target}, account {Account}, session {Session}, {Reason}")]
    internal partial void LogoutNotTold(NoticeKind kind, string target, string account, string? session, string reason);

    [LoggerMessage(EventId = 108, Level = LogLevel.Information, Message = "Account enabled: {Account}")]
    internal partial void AccountEnabled(string account);

    [LoggerMessage(EventId = 140, Level = LogLevel.Information, Message = "Signed in: account {Account} by the provider {Provider}, session {Session}")]
    internal partial void SignedInAt(string provider, string account, string session);

    [LoggerMessage(EventId = 141, Level = LogLevel.Warning, Message = "Sign-in failed: provider {Provider}, {Reason}")]
    internal partial void SignInFailed(string provider, string reason);

    [LoggerMessage(EventId = 142, Level = LogLevel.Information, Message = "Linked: provider {Provider}, account {Account}")]
    internal partial void Linked(string provider, string account);

    [LoggerMessage(EventId = 143, Level = LogLevel.Warning, Message = "Link refused, since it is another account's: provider {Provider}, account {Account}")]
    internal partial void LinkRefused(string provider, string account);

    [LoggerMessage(EventId = 144, Level = LogLevel.Information, Message = "Unlinked: provider {Provider}, account {Account}")]
    internal partial void Unlinked(string provider, string account);

    [LoggerMessage(EventId = 145, Level = LogLevel.Information, Message = "The provider {Provider} ended {What}")]
    internal partial void UpstreamLogout(string provider, string what);

    [LoggerMessage(EventId = 146, Level = LogLevel.Warning, Message = "Logout of the provider {Provider} refused: {Reason}")]
    internal partial void UpstreamLogoutRefused(string provider, string reason);

    [LoggerMessage(EventId = 147, Level = LogLevel.Information, Message = "A token of the provider {Provider} that nothing needs any more, revoked there: {Outcome}, account {Account}")]
    internal partial void TokenOfProvider(string provider, string account, NoticeOutcome outcome);

    [LoggerMessage(EventId = 110, Level = LogLevel.Information, Message = "Consent given: account {Account}, client {Client}, scopes {Scopes}")]
    internal partial void ConsentGiven(string account, string client, string scopes);

    [LoggerMessage(EventId = 111, Level = LogLevel.Information, Message = "Consent denied: account {Account}, client {Client}")]
    internal partial void ConsentDenied(string account, string client);

    [LoggerMessage(EventId = 112, Level = LogLevel.Information, Message = "Authorized: account {Account}, client {Client}, grant {Grant}, resource {Resource}, scopes {Scopes}")]
    internal partial void Authorized(string account, string client, string grant, string resource, string scopes);

    [LoggerMessage(EventId = 113, Level = LogLevel.Warning, Message = "Authorization refused: client {Client}, {Error}: {Description}")]
    internal partial void AuthorizationRefused(string? client, string? error, string? description);

    [LoggerMessage(EventId = 360, Level = LogLevel.Warning, Message = "Pushed authorization request refused: client {Client}, {Error}: {Description}")]
    internal partial void PushedRequestRefused(string? client, string? error, string? description);

    [LoggerMessage(EventId = 361, Level = LogLevel.Information, Message = "A device asked: client {Client}")]
    internal partial void DeviceAsked(string? client);

    [LoggerMessage(EventId = 362, Level = LogLevel.Warning, Message = "Wrong device code: account {Account}, session {Session}, too often: {TooOften}")]
    internal partial void DeviceCodeGuessed(string account, string session, bool tooOften);

    [LoggerMessage(EventId = 363, Level = LogLevel.Information, Message = "Password changed: account {Account}, in session {Session}")]
    internal partial void PasswordChanged(string account, string session);

    [LoggerMessage(EventId = 364, Level = LogLevel.Warning, Message = "Password change refused: account {Account}")]
    internal partial void PasswordChangeRefused(string account);

    [LoggerMessage(EventId = 120, Level = LogLevel.Information, Message = "Tokens issued by {GrantType}: account {Account}, client {Client}, grant {Grant}")]
    internal partial void TokensIssued(string? grantType, string? account, string? client, string? grant);

    [LoggerMessage(EventId = 121, Level = LogLevel.Warning, Message = "{Endpoint} request refused: client {Client}, {Error}: {Description}")]
    internal partial void RequestRefused(string endpoint, string? client, string? error, string? description);

    [LoggerMessage(EventId = 122, Level = LogLevel.Warning, Message = "Replay of a {TokenType}: client {Client}, grant {Grant}, ends it: {Ends}")]
    internal partial void Replay(string tokenType, string? client, string? grant, bool ends);

    [LoggerMessage(EventId = 123, Level = LogLevel.Information, Message = "Grant ended: account {Account}, client {Client}, grant {Grant}, {Reason}")]
    internal partial void GrantEnded(string account, string client, string grant, EndReason reason);

    [LoggerMessage(EventId = 330, Level = LogLevel.Information, Message = "The same answer given again to a refresh: client {Client}, grant {Grant}")]
    internal partial void AnsweredAgain(string? client, string grant);

    [LoggerMessage(EventId = 331, Level = LogLevel.Information, Message = "Token issued to a client for itself: client {Client}, resource {Resource}, scopes {Scopes}")]
    internal partial void ClientTokenIssued(string client, string resource, string scopes);

    [LoggerMessage(EventId = 332, Level = LogLevel.Information, Message = "Token exchanged: client {Client} acts for account {Account}, grant {Grant}")]
    internal partial void Exchanged(string client, string account, string grant);

    [LoggerMessage(EventId = 130, Level = LogLevel.Warning, Message = "Client metadata document refused: {Client}: {Reason}")]
    internal partial void DocumentRefused(string client, string reason);

    [LoggerMessage(EventId = 131, Level = LogLevel.Information, Message = "Client metadata document taken: {Client}")]
    internal partial void DocumentTaken(string client);

    [LoggerMessage(EventId = 390, Level = LogLevel.Information, Message = "Key made: {Use} {Kid}, active from {Begins:u}")]
    internal partial void KeyMade(KeyUse use, string kid, DateTimeOffset begins);

    [LoggerMessage(EventId = 391, Level = LogLevel.Information, Message = "Key removed: {Use} {Kid}")]
    internal partial void KeyRemoved(KeyUse use, string kid);

    [LoggerMessage(EventId = 300, Level = LogLevel.Information, Message = "Client registered: {Client}, named {Name}, from {Network}")]
    internal partial void ClientRegistered(string client, string? name, string network);

    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "Registration refused: from {Network}, {Error}: {Reason}")]
    internal partial void RegistrationRefused(string network, string error, string reason);

    [LoggerMessage(EventId = 302, Level = LogLevel.Information, Message = "Client that nobody uses removed: {Client}")]
    internal partial void UnusedClientRemoved(string client);

    [LoggerMessage(EventId = 303, Level = LogLevel.Warning, Message = "Logo not taken: client {Client}, {Reason}")]
    internal partial void LogoRefused(string client, string reason);
}
