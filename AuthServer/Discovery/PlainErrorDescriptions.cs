using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Discovery;

/// <summary>
/// <c>error_description</c> has the characters that it may have (RFC 6749 §4.1.2.1 and §5.2), whatever a stranger's URL
/// holds that it names. Others would also break the header of a 401.
/// </summary>
internal sealed class PlainErrorDescriptions : IOpenIddictServerHandler<ProcessErrorContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ProcessErrorContext, PlainErrorDescriptions>(OpenIddictServerHandlers.AttachErrorParameters.Descriptor.Order + 250);

    public ValueTask HandleAsync(ProcessErrorContext context)
    {
        context.Response.ErrorDescription = Of(context.Response.ErrorDescription);
        return ValueTask.CompletedTask;
    }

    internal static string? Of(string? description) => description is null ? null : string.Concat(description.Select(Plain));

    private static char Plain(char character) => character switch
    {
        '"' => '\'',
        '\\' => '/',
        >= ' ' and <= '~' => character,
        _ => '?',
    };
}
