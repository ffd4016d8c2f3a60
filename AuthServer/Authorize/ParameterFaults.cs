using System.Collections.Immutable;
using McpAspire.AuthServer.Clients.RedirectUris;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Authorize;

/// <summary>What is wrong with the parameters of a request, in words for the client's developer; null where nothing is.</summary>
internal sealed class ParameterFaults(RequestLimitOptions limits, RedirectUriOptions redirectUris, StoredRequestOptions stored)
{
    private static readonly HashSet<string> WhereTheAnswerGoes = new(StringComparer.Ordinal)
    {
        Parameters.ClientId, Parameters.RedirectUri, Parameters.State, Parameters.RequestUri,
    };

    private readonly (string Name, int Longest)[] _longest =
    [
        (Parameters.State, limits.LongestState),
        (Parameters.Nonce, limits.LongestState),
        (Parameters.RedirectUri, redirectUris.Longest),
        (Parameters.PostLogoutRedirectUri, redirectUris.Longest),
        (Parameters.ClientId, Storage.AuthDbContext.ClientIdLength),
    ];

    internal string? Of(OpenIddictRequest request) => Of(request, _ => true);

    /// <summary>Only of those that say where an answer goes.</summary>
    internal string? OfWhereTheAnswerGoes(OpenIddictRequest request) => Of(request, WhereTheAnswerGoes.Contains);

    /// <summary>Of a request that we store, which has a limit in all.</summary>
    internal string? OfStored(OpenIddictRequest request) =>
        Of(request)
        // What a stored request is brought back with is not of it, so that what was taken once is taken at each step.
        ?? (request.GetParameters().Where(parameter => parameter.Key is not (Parameters.ClientId or Parameters.RequestUri)).Sum(Length) > stored.Longest
            ? $"The parameters are longer than {stored.Longest} characters in all."
            : null);

    private static int Length(KeyValuePair<string, OpenIddictParameter> parameter) =>
        parameter.Key.Length + (((ImmutableArray<string?>?)parameter.Value)?.Sum(value => value?.Length ?? 0) ?? 0);

    private string? Of(OpenIddictRequest request, Func<string, bool> concerns)
    {
        foreach (var (name, value) in request.GetParameters())
        {
            if (name != Parameters.Resource && value.Count > 1 && concerns(name))
            {
                return "A parameter was sent more than once.";
            }
        }

        foreach (var (name, longest) in _longest)
        {
            if (concerns(name) && ((string?)request.GetParameter(name))?.Length > longest)
            {
                return $"The parameter '{name}' is longer than {longest} characters.";
            }
        }

        return concerns(Parameters.Scope) && request.GetScopes().Length > limits.MostScopes ? $"More than {limits.MostScopes} scopes were asked for." : null;
    }
}
