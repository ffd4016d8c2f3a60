using System.Text.Json.Nodes;
using McpAspire.AppHost.Keycloak;

namespace McpAspire.AppHost.Tests;

/// <summary>The realm file of the stack, filled as on a developer's machine.</summary>
internal static class TestRealm
{
    internal static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Realms", name);

    internal static RealmFile File(string authServer = "http://localhost:5100", string? backChannel = null) => RealmFile.Parse(
        System.IO.File.ReadAllText(Path("mcp-realm.json")),
        new Dictionary<string, string> { ["AUTHSERVER_PUBLIC_URL"] = authServer, ["AUTHSERVER_BACKCHANNEL_URL"] = backChannel ?? authServer });

    /// <summary>A realm as it is after an import.</summary>
    internal static JsonObject Imported(RealmFile file)
    {
        var realm = file.Filled.DeepClone().AsObject();
        realm["passwordPolicy"] = "length(12)";
        realm["roles"]!["realm"]!.AsArray().Add(new JsonObject { ["name"] = "offline_access" });
        realm["clients"]!.AsArray().Insert(0, new JsonObject { ["clientId"] = "account" });
        return realm;
    }
}
