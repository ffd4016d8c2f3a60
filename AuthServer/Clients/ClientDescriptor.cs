using System.Collections.Immutable;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// An application as we describe it to OpenIddict: with its redirect URIs as they were written. OpenIddict's own set
/// takes <c>http://127.0.0.1</c> and <c>http://127.0.0.1/</c> for one, and would lose one of them.
/// </summary>
internal sealed class ClientDescriptor : OpenIddictApplicationDescriptor
{
    internal ImmutableArray<string> ExactRedirectUris { get; init; } = [];

    /// <summary>What we keep beside OpenIddict's own columns.</summary>
    internal required ClientProfile Profile
    {
        get;
        set
        {
            field = value;
            value.WriteTo(this);
        }
    }
}
