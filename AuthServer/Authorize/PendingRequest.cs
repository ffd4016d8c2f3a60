using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// The authorization request that a page interrupts, by the reference under which OpenIddict stored it. Without one,
/// the way leads home, to the account page, to the question about a device, or to a provider that is to be linked.
/// </summary>
/// <param name="ClientId">The client that sent it.</param>
/// <param name="RequestUri">The reference.</param>
public sealed record PendingRequest(
    [FromQuery(Name = "client_id")] string? ClientId,
    [FromQuery(Name = "request_uri")] string? RequestUri)
{
    internal const string AuthorizePath = Discovery.Endpoints.Authorize;

    internal const string AccountPath = "/account";

    internal const string DevicePath = "/device/confirm";

    /// <summary>A sign-in that leads to the question whether a device may connect.</summary>
    internal static readonly PendingRequest ForDevice = new(null, DevicePath);

    internal const string LinkPath = AccountPath + "/links/confirm";

    /// <summary>A sign-in that leads to a provider that the person links.</summary>
    internal static readonly PendingRequest ForLink = new(null, LinkPath);

    /// <summary>A sign-in that leads to the account page.</summary>
    internal static readonly PendingRequest ForAccount = new(null, AccountPath);

    internal bool IsAuthorization => !string.IsNullOrEmpty(ClientId) && !string.IsNullOrEmpty(RequestUri);

    internal bool IsLink => RequestUri == LinkPath;

    /// <summary>Where the browser goes on; always a path of ours.</summary>
    internal string Url => IsAuthorization ? UrlOf(AuthorizePath) : RequestUri is AccountPath or DevicePath or LinkPath ? RequestUri : "/";

    internal string UrlOf(string path) =>
        path + new QueryBuilder { { "client_id", ClientId ?? string.Empty }, { "request_uri", RequestUri ?? string.Empty } };
}
