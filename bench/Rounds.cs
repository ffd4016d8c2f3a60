using System.Diagnostics;
using System.Text.Json;

namespace McpAspire.Bench;

/// <summary>A kind of request.</summary>
internal sealed record Scenario(string GrantType, bool WithKey)
{
    internal static IReadOnlyList<Scenario> All { get; } =
    [
        new("client_credentials", false), new("client_credentials", true), new("refresh_token", false), new("refresh_token", true),
    ];

    internal string Name => $"{(GrantType == "refresh_token" ? "refresh" : GrantType)}, {(WithKey ? "private_key_jwt" : "client_secret_post")}";
}

/// <summary>What was measured of a server with one kind of request.</summary>
internal sealed record Measured(ITarget Target, Scenario Scenario)
{
    internal long Requests { get; set; }

    internal TimeSpan Cpu { get; set; }

    internal TimeSpan HelperCpu { get; set; }

    internal TimeSpan Time { get; set; }

    internal double PerCpuSecond => Requests / Cpu.TotalSeconds;
}

/// <summary>Warms each server up, then loads them in turn, several times over, so that a change of the machine's mood meets all.</summary>
internal static class Rounds
{
    internal static async Task<List<Measured>> RunAsync(HttpClient http, IReadOnlyList<ITarget> targets, BenchOptions options)
    {
        var results = new List<Measured>();
        foreach (var scenario in options.Scenarios)
        {
            var loads = new List<(Load Load, Measured Result)>();
            foreach (var target in targets)
            {
                Console.WriteLine($"{scenario.Name}: {target.Name} warms up");
                var load = await Load.PrepareAsync(http, target, scenario, options.Connections);
                await load.RunAsync(options.WarmUp);
                loads.Add((load, new Measured(target, scenario)));
            }

            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var (load, result) in loads)
                {
                    var (cpu, helper) = (result.Target.CpuTime(), result.Target.HelperTime());
                    var start = Stopwatch.GetTimestamp();
                    result.Requests += await load.RunAsync(options.Measured);
                    result.Time += Stopwatch.GetElapsedTime(start);
                    result.Cpu += result.Target.CpuTime() - cpu;
                    result.HelperCpu += result.Target.HelperTime() - helper;
                }
            }

            results.AddRange(loads.Select(load => load.Result));
        }

        return results;
    }
}

/// <summary>Some connections, each of which sends its next request when the last is answered.</summary>
internal sealed class Load
{
    private readonly HttpClient _http;
    private readonly ITarget _target;
    private readonly Scenario _scenario;
    private readonly BenchClient _client;
    private readonly string[] _refreshTokens;

    private Load(HttpClient http, ITarget target, Scenario scenario, BenchClient client, string[] refreshTokens) =>
        (_http, _target, _scenario, _client, _refreshTokens) = (http, target, scenario, client, refreshTokens);

    internal static async Task<Load> PrepareAsync(HttpClient http, ITarget target, Scenario scenario, int connections)
    {
        var client = target.Client(scenario.WithKey);
        return new Load(http, target, scenario, client,
            scenario.GrantType == "refresh_token" ? await target.RefreshTokensAsync(http, client, connections) : new string[connections]);
    }

    /// <summary>Runs for a while; gives the number of requests.</summary>
    internal async Task<long> RunAsync(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, _refreshTokens.Length).Select(async connection =>
        {
            var count = 0L;
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                await SendAsync(connection);
                count++;
            }

            return count;
        }));
        return counts.Sum();
    }

    private async Task SendAsync(int connection)
    {
        var form = _refreshTokens[connection] is { } token
            ? _client.Form(_scenario.GrantType, _target.Extra, ("refresh_token", token))
            : _client.Form(_scenario.GrantType, _target.Extra);
        using var content = new FormUrlEncodedContent(form);
        using var answer = await _http.PostAsync(_target.TokenEndpoint, content);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{_target.Name} answered {(int)answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
        }

        if (_refreshTokens[connection] is not null)
        {
            using var json = JsonDocument.Parse(body);
            _refreshTokens[connection] = json.RootElement.GetProperty("refresh_token").GetString()!;
        }
    }
}
