using McpAspire.AuthServer.Clients;

namespace McpAspire.AuthServer.Registration;

/// <summary>A client that has registered.</summary>
/// <param name="ClientId">Its id.</param>
/// <param name="IssuedAt">When it was given that id, last.</param>
/// <param name="Descriptor">What it is.</param>
/// <param name="Secret">Its secret, which only this answer shows; null where it has none.</param>
internal sealed record RegisteredClient(string ClientId, DateTimeOffset IssuedAt, ClientDescriptor Descriptor, string? Secret);
