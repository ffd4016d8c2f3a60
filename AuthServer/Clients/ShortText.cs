namespace McpAspire.AuthServer.Clients;

/// <summary>Cuts text that a stranger wrote.</summary>
internal static class ShortText
{
    private const string More = "…";

    /// <summary>The text, of which at most so many characters; never half of one that UTF-16 writes in two.</summary>
    internal static string Of(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        var kept = longest - More.Length;
        return text[..(char.IsHighSurrogate(text[kept - 1]) ? kept - 1 : kept)] + More;
    }
}
