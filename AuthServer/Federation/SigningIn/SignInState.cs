using System.Globalization;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.SignIn;
using Microsoft.AspNetCore.Authentication;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>Why the browser is sent to a provider.</summary>
internal enum SignInIntent
{
    /// <summary>To sign in.</summary>
    SignIn,

    /// <summary>A signed-in person links the provider to their account.</summary>
    Link,

    /// <summary>An application may stay connected: to get the token that allows it.</summary>
    Offline,
}

/// <summary>What a sign-in at a provider carries in its <c>state</c>, encrypted and bound to this browser by the correlation cookie.</summary>
/// <param name="Intent">Why.</param>
/// <param name="Pending">Where to go on.</param>
/// <param name="Wish">How the application wants the person to sign in.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Session">The session here that the browser had when it left; for a link and for an offline token the one that they are for.</param>
internal sealed record SignInState(SignInIntent Intent, PendingRequest Pending, SignInWish Wish, DateTimeOffset StartedAt, SessionStamp? Session)
{
    private const string IdentityParameter = "identity";

    internal AuthenticationProperties ToProperties() => new(new Dictionary<string, string?>
    {
        ["intent"] = Intent.ToString(),
        ["client_id"] = Pending.ClientId,
        ["request_uri"] = Pending.RequestUri,
        ["prompt"] = Wish.Prompt,
        ["max_age"] = Wish.MaxAge,
        ["login_hint"] = Wish.LoginHint,
        ["started_ms"] = StartedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        ["session"] = Session?.Sid,
        ["stamp"] = Session?.Stamp,
    });

    /// <summary>The same once more, with a question at the provider.</summary>
    internal SignInState Anew(DateTimeOffset now) => this with { Wish = Wish.WithLogin, StartedAt = now };

    /// <summary>What the properties carry, or null where they are none of ours.</summary>
    internal static SignInState? From(AuthenticationProperties? properties)
    {
        string? Item(string name) => properties?.Items.TryGetValue(name, out var value) == true ? value : null;
        return Enum.TryParse<SignInIntent>(Item("intent"), out var intent) && long.TryParse(Item("started_ms"), CultureInfo.InvariantCulture, out var started)
            ? new SignInState(
                intent,
                new PendingRequest(Item("client_id"), Item("request_uri")),
                new SignInWish(Item("prompt"), Item("max_age"), Item("login_hint")),
                DateTimeOffset.FromUnixTimeMilliseconds(started),
                Item("session") is { } sid ? new SessionStamp(sid, Item("stamp")) : null)
            : null;
    }

    /// <summary>Hands the identity from the handler's events to the end of the sign-in; it is never serialized.</summary>
    internal static void Keep(AuthenticationProperties properties, UpstreamIdentity identity) => properties.SetParameter(IdentityParameter, identity);

    internal static UpstreamIdentity? Kept(AuthenticationProperties properties) => properties.GetParameter<UpstreamIdentity>(IdentityParameter);
}
