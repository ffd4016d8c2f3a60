using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace McpAspire.AppHost.Keycloak;

/// <summary>
/// Keycloak imports a realm only once. At each start the realm is compared with its file: URLs of the stack that have changed
/// (another port, another profile) are written, and every other difference is said. Nothing that fails here stops the stack.
/// </summary>
internal sealed partial class RealmCheck(RealmFile file, RealmAdmin admin, Uri keycloak, ILogger log)
{
    private string Console => $"{keycloak.GetLeftPart(UriPartial.Authority)}/admin/master/console/#/{RealmFile.Realm}";

    /// <summary>Compares and mends.</summary>
    /// <param name="name">Name of Keycloak's administrator.</param>
    /// <param name="password">Password of Keycloak's administrator.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal async Task RunAsync(string name, string password, CancellationToken cancellationToken)
    {
        try
        {
            if (!await admin.SignInAsync(name, password, cancellationToken))
            {
                LogNoAdministrator(name);
                return;
            }

            await CompareAsync(await admin.ExportAsync(cancellationToken), cancellationToken);
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            LogNoRealm(RealmFile.Realm);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogFailed(e.Message);
        }
    }

    private async Task CompareAsync(JsonObject realm, CancellationToken cancellationToken)
    {
        var differences = RealmDifferences.Find(file, realm);
        foreach (var client in file.Text["clients"]!.AsArray().Select(client => client!["clientId"]!.GetValue<string>()))
        {
            var moved = differences.Where(difference =>
                difference.DependsOnPlace && difference.Path.StartsWith($"clients/{client}/", StringComparison.Ordinal)).ToList();
            if (moved.Count > 0)
            {
                await admin.UpdateClientAsync(client, PlaceDependent(client), cancellationToken);
                LogMoved(client, string.Join(", ", moved.Select(difference => difference.InFile)));
            }
        }

        foreach (var difference in differences.Where(difference => !difference.DependsOnPlace))
        {
            LogDifference(difference.Path, difference.InRealm ?? "missing", RealmFile.RelativePath, difference.InFile, Console);
        }

        LogPages($"{keycloak.GetLeftPart(UriPartial.Authority)}/realms/{RealmFile.Realm}/account", Console);
    }

    /// <summary>Of a client in the file, what depends on the place, filled.</summary>
    private JsonObject PlaceDependent(string clientId)
    {
        JsonObject Of(JsonObject realm) => realm["clients"]!.AsArray().Select(client => client!.AsObject())
            .Single(client => client["clientId"]!.GetValue<string>() == clientId);
        return Pick(Of(file.Text), Of(file.Filled));
    }

    private static JsonObject Pick(JsonObject text, JsonObject filled) => new(
        from member in filled
        where RealmFile.DependsOnPlace(text[member.Key])
        select KeyValuePair.Create(
            member.Key,
            member.Value is JsonObject inner ? Pick(text[member.Key]!.AsObject(), inner) : member.Value?.DeepClone()));

    [LoggerMessage(LogLevel.Information, "The client '{Client}' of the realm now has the URLs of this start: {Urls}")]
    private partial void LogMoved(string client, string urls);

    [LoggerMessage(LogLevel.Warning, "The realm is not as its file says: {Path} is {InRealm}; {File} says {InFile}. Keep it, or change it at {Console}, or delete Keycloak's data (its data folder or volume) and have the file imported anew")]
    private partial void LogDifference(string path, string inRealm, string file, string inFile, string console);

    [LoggerMessage(LogLevel.Warning, "There is no realm '{Realm}': somebody deleted it. Start Keycloak again, and its file is imported anew")]
    private partial void LogNoRealm(string realm);

    [LoggerMessage(LogLevel.Warning, "The realm was not compared with its file, since Keycloak does not take the password of '{Name}'. Its data were made with another: set the parameter keycloak-password to that one, or delete Keycloak's data (its data folder or volume)")]
    private partial void LogNoAdministrator(string name);

    [LoggerMessage(LogLevel.Warning, "The realm was not compared with its file: {Problem} If sign-in fails, start the stack again")]
    private partial void LogFailed(string problem);

    [LoggerMessage(LogLevel.Information, "People manage their accounts at {Account}, administrators the realm at {Console}")]
    private partial void LogPages(string account, string console);
}
