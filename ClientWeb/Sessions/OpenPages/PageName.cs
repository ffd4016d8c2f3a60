using McpAspire.ClientWeb.Connections;

namespace McpAspire.ClientWeb.Sessions.OpenPages;

/// <summary>
/// A random name for the page that a request makes. Its sign-out form sends it, so that this page, which is about to
/// leave for the authorization server, is not sent elsewhere by the news of its own sign-out.
/// </summary>
internal sealed class PageName
{
    /// <summary>The form's field that carries it.</summary>
    public const string Field = "page";

    /// <summary>The name.</summary>
    public string Value { get; } = RandomValue.Create();

    /// <summary>The name in a form, or null where there is none that could be one of ours.</summary>
    public static string? Read(IFormCollection form) =>
        form[Field].ToString() is { Length: 43 } value && value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
            ? value
            : null;
}
