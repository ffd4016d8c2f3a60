using System.Text.Json.Nodes;

namespace McpAspire.ClientWeb.Connections.Identity;

/// <summary>The documents by which authorization servers know this application.</summary>
internal static class ClientIdentityEndpoints
{
    public static void MapClientIdentity(this IEndpointRouteBuilder app)
    {
        app.MapGet(ClientIdentity.MetadataPath, (ClientIdentity identity, HttpContext context) =>
            PublicJson(context, ClientMetadataDocument.Of(identity)));

        app.MapGet(ClientIdentity.KeysPath, async (ClientKeyStore keys, HttpContext context) =>
        {
            using var key = await keys.GetAsync();
            return PublicJson(context, KeySet(key));
        });
    }

    // Written member by member, so that a private one can never slip in.
    private static JsonObject KeySet(ClientKey key) => new()
    {
        ["keys"] = new JsonArray(new JsonObject
        {
            ["kty"] = key.Public.Kty,
            ["crv"] = key.Public.Crv,
            ["x"] = key.Public.X,
            ["y"] = key.Public.Y,
            ["use"] = key.Public.Use,
            ["alg"] = key.Public.Alg,
            ["kid"] = key.Public.KeyId,
        }),
    };

    private static IResult PublicJson(HttpContext context, JsonObject document)
    {
        context.Response.Headers.CacheControl = "public, max-age=300";
        return Results.Json(document);
    }
}
