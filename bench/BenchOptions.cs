using System.Globalization;

namespace McpAspire.Bench;

/// <summary>How much load, and for how long.</summary>
internal sealed record BenchOptions
{
    private const string Usage =
        "dotnet run -c Release --project bench -- [--connections 16] [--warm-up 20] [--seconds 10] [--rounds 3] [--only TEXT] [--redis CONNECTION]\n"
        + "Times are seconds, for each server and kind of request. --only takes the kinds whose name has the text. --redis names a Redis of AuthServer's; default: one of ours, whose CPU time counts as AuthServer's.";

    public int Connections { get; init; } = 16;

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan Measured { get; init; } = TimeSpan.FromSeconds(10);

    public int Rounds { get; init; } = 3;

    public string Only { get; init; } = "";

    public string? Redis { get; init; }

    internal IEnumerable<Scenario> Scenarios => Scenario.All.Where(scenario => scenario.Name.Contains(Only, StringComparison.Ordinal));

    /// <summary>Reads the command line; null, with a line that says what to write, where it makes no sense.</summary>
    internal static BenchOptions? Parse(string[] args)
    {
        var options = new BenchOptions();
        foreach (var pair in args.Chunk(2))
        {
            var next = pair switch
            {
                ["--only", var text] => options with { Only = text },
                ["--redis", var connection] => options with { Redis = connection },
                [var name, var text] when int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 => name switch
                {
                    "--connections" => options with { Connections = number },
                    "--warm-up" => options with { WarmUp = TimeSpan.FromSeconds(number) },
                    "--seconds" => options with { Measured = TimeSpan.FromSeconds(number) },
                    "--rounds" => options with { Rounds = number },
                    _ => null,
                },
                _ => null,
            };
            if (next is null)
            {
                Console.Error.WriteLine(Usage);
                return null;
            }

            options = next;
        }

        return options;
    }
}
