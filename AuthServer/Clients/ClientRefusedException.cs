using McpAspire.AuthServer.Registration;

namespace McpAspire.AuthServer.Clients;

/// <summary>A client can't be used as it describes itself. The message says why, and is fit to be shown.</summary>
/// <param name="message">Why, and what to change.</param>
/// <param name="error">The error of RFC 7591 §3.2.2 that says so to a client that registers.</param>
/// <param name="mayPass">True where the same request may be served a minute later.</param>
internal sealed class ClientRefusedException(string message, string error = RegistrationErrors.InvalidMetadata, bool mayPass = false) : Exception(message)
{
    internal string Error => error;

    internal bool MayPass => mayPass;
}
