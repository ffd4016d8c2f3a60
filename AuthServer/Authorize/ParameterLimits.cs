using System.Collections.Immutable;
using McpAspire.AuthServer.Clients;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// Parameters are sent once (RFC 6749 §3.1), only <c>resource</c> may repeat (RFC 8707 §2), and none is longer than
/// its limit. Applies to every request that carries parameters; those that are stored have a limit in all. At the authorization endpoint those that say where an
/// answer goes come first; a fault in the others may go to the client.
/// </summary>
internal sealed class ParameterLimits :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateDeviceAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateTokenRequestContext>,
    IOpenIddictServerHandler<ValidateIntrospectionRequestContext>,
    IOpenIddictServerHandler<ValidateRevocationRequestContext>,
    IOpenIddictServerHandler<ValidateEndSessionRequestContext>
{
    private const int First = int.MinValue + 1000;
    private const int LongestState = 2048;
    private const int MostScopes = 50;
    private const int LongestStored = 8 * 1024;

    private static readonly (string Name, int Longest)[] Limits =
    [
        (Parameters.State, LongestState),
        (Parameters.Nonce, LongestState),
        (Parameters.RedirectUri, RedirectUri.LongestUri),
        (Parameters.PostLogoutRedirectUri, RedirectUri.LongestUri),
        (Parameters.ClientId, Storage.AuthDbContext.ClientIdLength),
    ];

    private static readonly HashSet<string> WhereTheAnswerGoes = new(StringComparer.Ordinal)
    {
        Parameters.ClientId, Parameters.RedirectUri, Parameters.State, Parameters.RequestUri,
    };

    internal static OpenIddictServerHandlerDescriptor Descriptor<TContext>() where TContext : BaseContext =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseSingletonHandler((IOpenIddictServerHandler<TContext>)(object)new ParameterLimits())
            .SetOrder(First)
            .Build();

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, Fault(context.Request, WhereTheAnswerGoes.Contains));

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => Check(context, FaultOfStored(context.Request));

    public ValueTask HandleAsync(ValidateDeviceAuthorizationRequestContext context) => Check(context, FaultOfStored(context.Request));

    public ValueTask HandleAsync(ValidateTokenRequestContext context) => Check(context, Fault(context.Request));

    public ValueTask HandleAsync(ValidateIntrospectionRequestContext context) => Check(context, Fault(context.Request));

    public ValueTask HandleAsync(ValidateRevocationRequestContext context) => Check(context, Fault(context.Request));

    public ValueTask HandleAsync(ValidateEndSessionRequestContext context) => Check(context, Fault(context.Request));

    internal static string? Fault(OpenIddictRequest request) => Fault(request, _ => true);

    private static string? FaultOfStored(OpenIddictRequest request) =>
        Fault(request)
        // What a stored request is brought back with is not of it, so that what was taken once is taken at each step.
        ?? (request.GetParameters().Where(parameter => parameter.Key is not (Parameters.ClientId or Parameters.RequestUri)).Sum(Length) > LongestStored
            ? $"The parameters are longer than {LongestStored} characters in all."
            : null);

    private static int Length(KeyValuePair<string, OpenIddictParameter> parameter) =>
        parameter.Key.Length + (((ImmutableArray<string?>?)parameter.Value)?.Sum(value => value?.Length ?? 0) ?? 0);

    private static string? Fault(OpenIddictRequest request, Func<string, bool> concerns)
    {
        foreach (var (name, value) in request.GetParameters())
        {
            if (name != Parameters.Resource && value.Count > 1 && concerns(name))
            {
                return "A parameter was sent more than once.";
            }
        }

        foreach (var (name, longest) in Limits)
        {
            if (concerns(name) && ((string?)request.GetParameter(name))?.Length > longest)
            {
                return $"The parameter '{name}' is longer than {longest} characters.";
            }
        }

        return concerns(Parameters.Scope) && request.GetScopes().Length > MostScopes ? $"More than {MostScopes} scopes were asked for." : null;
    }

    private static ValueTask Check(BaseValidatingContext context, string? fault)
    {
        if (fault is not null)
        {
            context.Reject(Errors.InvalidRequest, fault);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The other parameters of an authorization request, once the redirect URI is known to be good.</summary>
    internal sealed class Others : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
    {
        internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
            OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateAuthorizationRequestContext>()
                .UseSingletonHandler<Others>()
                .SetOrder(ValidRedirect.Descriptor.Order + 50)
                .Build();

        public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, FaultOfStored(context.Request));
    }
}
