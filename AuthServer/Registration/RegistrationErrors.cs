namespace McpAspire.AuthServer.Registration;

/// <summary>The errors of dynamic registration (RFC 7591 §3.2.2).</summary>
internal static class RegistrationErrors
{
    internal const string InvalidRedirectUri = "invalid_redirect_uri";
    internal const string InvalidMetadata = "invalid_client_metadata";
}
