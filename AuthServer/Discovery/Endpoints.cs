namespace McpAspire.AuthServer.Discovery;

/// <summary>The paths of the protocol's endpoints.</summary>
internal static class Endpoints
{
    internal const string Authorize = "/connect/authorize";
    internal const string Token = "/connect/token";
    internal const string PushedAuthorization = "/connect/par";
    internal const string Register = "/connect/register";
    internal const string Introspect = "/connect/introspect";
    internal const string DeviceAuthorization = "/connect/device";
    internal const string Revoke = "/connect/revoke";
    internal const string UserInfo = "/connect/userinfo";
    internal const string Logout = "/connect/logout";
    internal const string Keys = "/.well-known/jwks";
    internal const string OAuthMetadata = "/.well-known/oauth-authorization-server";
    internal const string OpenIdMetadata = "/.well-known/openid-configuration";

    /// <summary>Where a resource server reads a person's profile, with a token that it exchanged.</summary>
    internal const string AccountProfile = "/account/api/profile";

    /// <summary>Where a person types the code that a device shows (RFC 8628 §3.3).</summary>
    internal const string DevicePage = "/device";

    /// <summary>Where providers tell that a person has signed out there.</summary>
    internal const string UpstreamLogout = "/sign-in/{key}/backchannel-logout";

    /// <summary>True where programs ask, so that errors are JSON and never a page.</summary>
    internal static bool AnswersInJson(PathString path) => path.Value?.TrimEnd('/').ToLowerInvariant() is { } asked
        && (asked is PushedAuthorization or Token or Register or Introspect or DeviceAuthorization or Revoke or UserInfo or AccountProfile
            || asked.EndsWith(Federation.LoggingOut.BackChannelLogoutEndpoint.Suffix, StringComparison.Ordinal));
}
