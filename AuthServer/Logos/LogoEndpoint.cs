namespace McpAspire.AuthServer.Logos;

/// <summary>Serves the logos of clients from our own origin. What is under a digest never changes.</summary>
internal static class LogoEndpoint
{
    private const int DigestLength = 64;

    internal static string PathOf(string digest) => $"/clients/logo/{digest}";

    internal static void Map(WebApplication app) => app.MapGet(PathOf("{digest}"), async (string digest, HttpContext context, LogoStore store) =>
    {
        if (digest.Length != DigestLength || !digest.All(char.IsAsciiHexDigitLower)
            || await store.FindAsync(digest) is not { } content || LogoImage.MediaType(content) is not { } mediaType)
        {
            return Results.NotFound();
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(content, mediaType);
    });
}
