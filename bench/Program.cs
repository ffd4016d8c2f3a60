using McpAspire.Bench;
using McpAspire.TestKit;

if (args is ["redis"])
{
    return RedisProcess.Serve();
}

if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("CPU time is read from /proc, so this runs on Linux only.");
    return 2;
}

if (BenchOptions.Parse(args) is not { } options)
{
    return 2;
}

Console.WriteLine(KeycloakServer.Missing is { } missing ? $"AuthServer alone. {missing}" : "AuthServer and Keycloak, side by side.");
await using var ours = await AuthServerTarget.StartAsync(options.Redis);
Console.WriteLine($"AuthServer's Redis: {ours.Redis}.");
await using var keycloak = KeycloakServer.Missing is null ? await KeycloakProcess.StartAsync() : null;
ITarget[] targets = keycloak is null ? [ours] : [ours, await keycloak.TargetAsync("ES256"), await keycloak.TargetAsync("RS256")];

using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = options.Connections, UseCookies = false });
Report.Print(await Rounds.RunAsync(http, targets, options), targets, options);
return 0;
