using System.Security.Cryptography;
using System.Text;
using McpAspire.AuthServer.SignIn;
using Microsoft.AspNetCore.DataProtection;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// Ties a consent form and its answer to one request and one session. The form carries what was asked
/// (<see cref="ProtectQuestion"/>); the answer goes back to the authorization endpoint in a cookie that lives minutes.
/// </summary>
internal sealed class ConsentTicket(IDataProtectionProvider protection, TimeProvider time)
{
    internal const string CookieName = "__Host-authserver-consent";

    private static readonly TimeSpan QuestionLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromMinutes(5);

    private readonly Ticket<ConsentQuestion> _questions = new(protection, "consent-question", QuestionLifetime);
    private readonly TicketCookie<ConsentAnswer> _answers = new(protection, CookieName, "consent-answer", AnswerLifetime);

    internal string ProtectQuestion(ConsentQuestion question) => _questions.Protect(question);

    /// <summary>What the form asked, or null where it was changed or is too old.</summary>
    internal ConsentQuestion? ReadQuestion(string? ticket) => _questions.Read(ticket);

    /// <param name="context">The request.</param>
    /// <param name="requestUri">The authorization request that is answered.</param>
    /// <param name="sessionId">The session in which it is.</param>
    /// <param name="given">The scopes; null for a denial.</param>
    /// <param name="offlineAsked">True where the provider was asked for an offline token meanwhile, so that it is asked once only.</param>
    internal void WriteAnswer(HttpContext context, string requestUri, string sessionId, IReadOnlyList<string>? given, bool offlineAsked = false) =>
        _answers.Write(context, new ConsentAnswer(Digest(requestUri), sessionId, given, time.GetUtcNow() + AnswerLifetime, offlineAsked));

    /// <summary>The answer that this browser gave for this request in this session, or null. It is read once.</summary>
    internal ConsentAnswer? TakeAnswer(HttpContext context, string requestUri, string sessionId)
    {
        var answer = _answers.Read(context);
        if (answer?.Request != Digest(requestUri) || answer.SessionId != sessionId || answer.ExpiresAt <= time.GetUtcNow())
        {
            return null;
        }

        _answers.Delete(context);
        return answer;
    }

    private static string Digest(string requestUri) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(requestUri)));
}

/// <summary>What a consent form asks, and for which request of which session.</summary>
internal sealed record ConsentQuestion(
    string RequestUri, string SessionId, ConsentRequest Request);

/// <summary>What the person answered; <paramref name="Given"/> is null where they denied.</summary>
internal sealed record ConsentAnswer(string Request, string SessionId, IReadOnlyList<string>? Given, DateTimeOffset ExpiresAt, bool OfflineAsked);
