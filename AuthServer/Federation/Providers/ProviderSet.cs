namespace McpAspire.AuthServer.Federation.Providers;

/// <summary>The configured identity providers, and whether people may also sign in with a password of ours.</summary>
internal sealed class ProviderSet
{
    internal const string Section = "SignIn:Providers";

    private readonly Dictionary<string, Provider> _byKey;

    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message says what to set.</exception>
    internal ProviderSet(IConfiguration configuration, bool development)
    {
        var rules = new ProviderRules(development);
        All = [.. configuration.GetSection(Section).GetChildren().Select(rules.Read)];
        _byKey = All.ToDictionary(provider => provider.Key, StringComparer.Ordinal);
        HasBuiltInAccounts = configuration.GetValue("SignIn:BuiltInAccounts", All.Count == 0);
        if (All.Count == 0 && !HasBuiltInAccounts)
        {
            throw new InvalidOperationException(
                $"Nobody could sign in: 'SignIn:BuiltInAccounts' is false and there is no provider. Add one under '{Section}', or set it to true.");
        }
    }

    internal IReadOnlyList<Provider> All { get; }

    internal bool HasBuiltInAccounts { get; }

    /// <summary>The one way to sign in, where it is a provider.</summary>
    internal Provider? Only => All.Count == 1 && !HasBuiltInAccounts ? All[0] : null;

    /// <summary>The provider of a scheme of ASP.NET Core.</summary>
    internal Provider OfScheme(string scheme) => All.First(provider => provider.Scheme == scheme);

    internal Provider? Find(string? key) => key is null ? null : _byKey.GetValueOrDefault(key);
}
