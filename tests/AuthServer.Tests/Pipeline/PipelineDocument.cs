using System.Globalization;
using System.Text;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tests.Pipeline;

/// <summary>The handlers of the events in which the service has some, in the order in which they run, as docs/pipeline.md lists them.</summary>
internal sealed class PipelineDocument
{
    /// <summary>Where the list begins.</summary>
    internal const string Mark = "<!-- From here on written by PipelineTests. -->\n";

    /// <summary>The events in the order in which a request meets them, and what each is for.</summary>
    private static readonly (Type Event, string What)[] Events =
    [
        (typeof(ExtractEndUserVerificationRequestContext), "A person comes to type or confirm a device's code."),
        (typeof(ExtractUserInfoRequestContext), "A request to userinfo is read."),
        (typeof(ProcessAuthenticationContext), "Who asks, and with what: the client is found and proves itself, the code or tokens that it brings are read. At every endpoint, before what is asked is judged."),
        (typeof(ValidateTokenContext), "A code or token that was presented: read and judged, one by one."),
        (typeof(ValidateAuthorizationRequestContext), "`/connect/authorize`: is the request good?"),
        (typeof(HandleAuthorizationRequestContext), "`/connect/authorize`: a good request. After these handlers comes the endpoint of ours (`AuthorizeEndpoint`), with sign-in and consent."),
        (typeof(ValidatePushedAuthorizationRequestContext), "`/connect/par`: is the request good?"),
        (typeof(HandlePushedAuthorizationRequestContext), "`/connect/par`: a good request."),
        (typeof(ValidateDeviceAuthorizationRequestContext), "`/connect/device`: is the request good?"),
        (typeof(HandleDeviceAuthorizationRequestContext), "`/connect/device`: a good request."),
        (typeof(ValidateTokenRequestContext), "`/connect/token`: is the request good?"),
        (typeof(HandleTokenRequestContext), "`/connect/token`: a good request becomes the content of tokens, or is refused."),
        (typeof(ProcessSignInContext), "Codes and tokens are made and given, at the authorization, pushed, device and token endpoints: what is redeemed for them, what is written, what is answered."),
        (typeof(GenerateTokenContext), "A code or token is made, one by one, while the sign-in is processed."),
        (typeof(ValidateIntrospectionRequestContext), "`/connect/introspect`: is the request good?"),
        (typeof(HandleIntrospectionRequestContext), "`/connect/introspect`: what is said of the token."),
        (typeof(ValidateRevocationRequestContext), "`/connect/revoke`: is the request good?"),
        (typeof(HandleRevocationRequestContext), "`/connect/revoke`: what ends."),
        (typeof(HandleUserInfoRequestContext), "`/connect/userinfo`: the claims."),
        (typeof(ValidateEndSessionRequestContext), "`/connect/logout`: is the request good?"),
        (typeof(HandleJsonWebKeySetRequestContext), "`/.well-known/jwks`: the keys."),
        (typeof(ProcessErrorContext), "An error is put together, whatever refused the request."),
        (typeof(ApplyAuthorizationResponseContext), "The answer of `/connect/authorize` is sent."),
        (typeof(ApplyPushedAuthorizationResponseContext), "The answer of `/connect/par` is sent."),
        (typeof(ApplyDeviceAuthorizationResponseContext), "The answer of `/connect/device` is sent."),
        (typeof(ApplyTokenResponseContext), "The answer of `/connect/token` is sent."),
        (typeof(ApplyUserInfoResponseContext), "The answer of `/connect/userinfo` is sent."),
        (typeof(ApplyConfigurationResponseContext), "The metadata are sent."),
    ];

    private readonly SourceSummaries _sources = new();

    /// <param name="handlers">All handlers of the service.</param>
    /// <exception cref="InvalidOperationException">There are some of ours for an event that has no place in the list, or none where it has one.</exception>
    internal string Of(IEnumerable<OpenIddictServerHandlerDescriptor> handlers)
    {
        var ofEvents = handlers.OrderBy(handler => handler.Order).ToLookup(handler => handler.ContextType);
        var withOurs = ofEvents.Where(handlers => handlers.Any(IsOurs)).Select(handlers => handlers.Key).ToHashSet();
        if (!withOurs.SetEquals(Events.Select(known => known.Event)))
        {
            throw new InvalidOperationException(
                $"Say in {nameof(Events)} what they are for, or take them out: {string.Join(", ", Events.Select(known => known.Event).Except(withOurs).Union(withOurs.Except(Events.Select(known => known.Event))))}");
        }

        var text = new StringBuilder();
        foreach (var (known, what) in Events)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {Name(known)[..^"Context".Length]}\n\n{what}\n\n");
            Append(text, ofEvents[known]);
        }

        return text.ToString();
    }

    private void Append(StringBuilder text, IEnumerable<OpenIddictServerHandlerDescriptor> handlers)
    {
        var number = 0;
        var theirs = new List<string>();
        foreach (var handler in handlers)
        {
            var name = Name(handler.ServiceDescriptor.ServiceType);
            if (!IsOurs(handler))
            {
                theirs.Add($"`{name}`");
                continue;
            }

            AppendTheirs();
            var (file, summary) = _sources.Of(name);
            var shown = handler.ServiceDescriptor.ServiceType.DeclaringType is { } outer ? $"{outer.Name}.{name}" : name;
            text.Append(CultureInfo.InvariantCulture, $"{++number}. **[{shown}](../{file})**: {summary}\n");
        }

        AppendTheirs();

        void AppendTheirs()
        {
            if (theirs.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{++number}. OpenIddict: {string.Join(", ", theirs)}\n");
                theirs.Clear();
            }
        }
    }

    private static bool IsOurs(OpenIddictServerHandlerDescriptor handler) => handler.ServiceDescriptor.ServiceType.Assembly == typeof(Program).Assembly;

    private static string Name(Type type) => type.Name.Split('`')[0];
}
