namespace McpAspire.AuthServer.Logos;

/// <summary>What a logo may be, judged by its first bytes and not by what its server says. SVG is a program, so it is none.</summary>
internal static class LogoImage
{
    /// <summary>The media type; null where it is no image that we serve.</summary>
    internal static string? MediaType(ReadOnlySpan<byte> content) => content switch
    {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x47, 0x49, 0x46, 0x38, 0x37 or 0x39, 0x61, ..] => "image/gif",
        [0x52, 0x49, 0x46, 0x46, _, _, _, _, 0x57, 0x45, 0x42, 0x50, ..] => "image/webp",
        _ => null,
    };
}
