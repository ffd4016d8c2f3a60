namespace McpAspire.AuthServer.Pages;

/// <summary>Registers the rendering of pages, and where they are.</summary>
internal static class PageExtensions
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    internal static void AddPages(this IServiceCollection services) => services.AddRazorComponents();

    /// <summary>Maps a page that changes nothing when it is shown: HEAD is answered wherever GET is (RFC 9110 §9.1).</summary>
    internal static void MapPage(this IEndpointRouteBuilder app, string path, Delegate handler) => app.MapMethods(path, Methods, handler);
}
