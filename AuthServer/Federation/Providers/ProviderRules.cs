using System.Text.RegularExpressions;
using McpAspire.AuthServer.Federation.Asking;

namespace McpAspire.AuthServer.Federation.Providers;

/// <summary>Reads a provider's settings and refuses what can't work or isn't safe, with a message that says what to set.</summary>
internal sealed partial class ProviderRules(bool development)
{
    private static readonly string[] EntraOfMany = ["common", "organizations", "consumers"];

    internal Provider Read(IConfigurationSection section)
    {
        var key = section.Key;
        var where = $"{ProviderSet.Section}:{key}";
        if (!KeyShape().IsMatch(key))
        {
            throw new InvalidOperationException(
                $"The provider key '{key}' stands in URLs: use up to 50 lower-case letters, digits and hyphens, a letter first, for example '{ProviderSet.Section}:keycloak'.");
        }

        var options = Bind(section, where);
        var type = TypeOf(options.Type ?? key, where);
        var preset = ProviderPreset.Of(type);
        var issuer = Require(options.Issuer ?? preset.Issuer, where, "Issuer", "the issuer exactly as the provider writes it");
        var issuerUri = Url(issuer, where, "Issuer", development);
        var metadata = string.IsNullOrWhiteSpace(options.Metadata)
            ? new Uri(issuer.TrimEnd('/') + "/.well-known/openid-configuration")
            : Url(options.Metadata, where, "Metadata", development, options.AllowHttp);
        if (type == ProviderType.Entra)
        {
            CheckEntra(issuerUri, where);
        }

        return new Provider
        {
            Key = key,
            Type = type,
            Name = options.Name ?? (type == ProviderType.Oidc ? key : type.ToString()),
            Issuer = issuer,
            Metadata = metadata,
            AllowHttp = metadata.Scheme == "http" || issuerUri.Scheme == "http",
            ClientId = Require(options.ClientId ?? preset.ClientId, where, "ClientId", "the id of this authorization server at the provider"),
            ClientSecret = Secret(options, preset, type, where),
            SecretMethod = Method(options.ClientAuthentication ?? preset.SecretMethod, where),
            Scopes = Scopes(options.Scopes ?? preset.Scopes, type, where),
            FormPost = IsFormPost(options.ResponseMode, type, where),
            ClaimMap = new()
            {
                Name = options.ClaimMap.Name ?? preset.NameClaim,
                Email = options.ClaimMap.Email ?? preset.EmailClaim,
                UserName = options.ClaimMap.UserName ?? preset.UserNameClaim,
                Roles = options.ClaimMap.Roles ?? preset.RolesClaim,
            },
            RoleMap = options.RoleMap,
            RolePrefix = options.RolePrefix,
            AsksUserInfo = preset.AsksUserInfo,
            Offline = preset.Offline,
            MaxSessionAge = Positive(options.MaxSessionAge, where, "MaxSessionAge"),
            OfflineLifetime = Positive(options.OfflineLifetime, where, "OfflineLifetime"),
            UnreachableGrace = Positive(options.UnreachableGrace, where, "UnreachableGrace"),
            EnterpriseManaged = IsEnterpriseManaged(options, type, where),
            GitHub = type == ProviderType.GitHub ? GitHub(options, where) : null,
        };
    }

    private static ProviderOptions Bind(IConfigurationSection section, string where)
    {
        try
        {
            return section.Get<ProviderOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new ProviderOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException($"The settings under '{where}' can't be read: {exception.Message} docs/identity-providers.md lists them.", exception);
        }
    }

    private static ProviderType TypeOf(string text, string where) =>
        Enum.GetNames<ProviderType>().Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<ProviderType>(text, ignoreCase: true)
            : throw new InvalidOperationException($"'{where}:Type' is '{text}': set it to one of {string.Join(", ", Enum.GetNames<ProviderType>())}.");

    private static string Require(string? value, string where, string setting, string what) => string.IsNullOrWhiteSpace(value)
        ? throw new InvalidOperationException($"'{where}:{setting}' is missing. Set it to {what}.")
        : value;

    private static Uri Url(string value, string where, string setting, bool development, bool? allowHttp = null)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new InvalidOperationException($"'{where}:{setting}' is '{value}': set it to an absolute https URL without user name and fragment.");
        }

        var allowed = uri.Scheme == "https" || (development && uri.IsLoopback) || allowHttp == true;
        return allowed ? uri : throw new InvalidOperationException(
            $"'{where}:{setting}' is '{value}': plain http is for loopback hosts in Development only. Use https"
            + (allowHttp is null ? "." : $", or set '{where}:AllowHttp' to true where the provider is in your own network."));
    }

    private static void CheckEntra(Uri issuer, string where)
    {
        if (EntraOfMany.Contains(issuer.Segments.ElementAtOrDefault(1)?.TrimEnd('/'), StringComparer.OrdinalIgnoreCase)
            || issuer.OriginalString.Contains('{', StringComparison.Ordinal))
        {
            throw new InvalidOperationException(
                $"'{where}:Issuer' is '{issuer.OriginalString}', which stands for every tenant; each writes another issuer into its tokens, so nothing could be compared. "
                + "Set it to https://login.microsoftonline.com/TENANT-ID/v2.0 of one tenant, and add a provider for each tenant.");
        }
    }

    private static string? Secret(ProviderOptions options, ProviderPreset preset, ProviderType type, string where) =>
        !string.IsNullOrEmpty(options.ClientSecret) ? options.ClientSecret
        : preset.TakesAssertions ? null
        : throw new InvalidOperationException($"'{where}:ClientSecret' is missing. {type} takes no key of ours in its place; set the secret that it shows you.");

    private static string Method(string method, string where) => method is ClientProof.Post or ClientProof.Basic
        ? method
        : throw new InvalidOperationException(
            $"'{where}:ClientAuthentication' is '{method}': set it to {ClientProof.Post} or {ClientProof.Basic}, or leave out 'ClientSecret' for private_key_jwt.");

    private static string[] Scopes(string text, ProviderType type, string where)
    {
        var scopes = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return type == ProviderType.GitHub || scopes.Contains("openid") ? scopes : throw new InvalidOperationException(
            $"'{where}:Scopes' is '{text}': it must contain openid, else the provider does not say who signed in.");
    }

    private static bool IsFormPost(string mode, ProviderType type, string where) => (mode, type) switch
    {
        ("query", _) => false,
        ("form_post", not ProviderType.GitHub) => true,
        _ => throw new InvalidOperationException($"'{where}:ResponseMode' is '{mode}': leave it out, or set it to form_post for an OpenID provider that can do nothing else."),
    };

    private static bool IsEnterpriseManaged(ProviderOptions options, ProviderType type, string where) => !options.EnterpriseManaged || type != ProviderType.GitHub
        ? options.EnterpriseManaged
        : throw new InvalidOperationException($"'{where}:EnterpriseManaged' is true, but GitHub signs no tokens. Leave it out.");

    private static TimeSpan Positive(TimeSpan value, string where, string setting) => value > TimeSpan.Zero
        ? value
        : throw new InvalidOperationException($"'{where}:{setting}' is {value}: set it to a time above zero, for example 12:00:00.");

    private GitHubEndpoints GitHub(ProviderOptions options, string where) => new(
        Url(options.AuthorizationEndpoint ?? "https://github.com/login/oauth/authorize", where, "AuthorizationEndpoint", development),
        Url(options.TokenEndpoint ?? "https://github.com/login/oauth/access_token", where, "TokenEndpoint", development),
        Url(options.UserEndpoint ?? "https://api.github.com/user", where, "UserEndpoint", development));

    [GeneratedRegex("^[a-z][a-z0-9-]{0,49}$")]
    private static partial Regex KeyShape();
}
