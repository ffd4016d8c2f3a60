namespace McpAspire.AuthServer.Pages;

/// <summary>Registers the rendering of pages.</summary>
internal static class PageExtensions
{
    internal static void AddPages(this IServiceCollection services) => services.AddRazorComponents();
}
