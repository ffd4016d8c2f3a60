namespace McpAspire.Bench;

/// <summary>A server under load.</summary>
internal interface ITarget
{
    string Name { get; }

    string Issuer { get; }

    Uri TokenEndpoint { get; }

    /// <summary>What a request says besides the grant and the client.</summary>
    IReadOnlyDictionary<string, string> Extra { get; }

    /// <summary>The client of a kind of authentication; each server has both.</summary>
    BenchClient Client(bool withKey);

    /// <summary>The CPU time that the server's processes have taken so far.</summary>
    TimeSpan CpuTime();

    /// <summary>How much of it was a helper's, such as a Redis; nothing where there is none.</summary>
    TimeSpan HelperTime();

    /// <summary>Refresh tokens of as many sessions.</summary>
    Task<string[]> RefreshTokensAsync(HttpClient http, BenchClient client, int count);
}
