namespace McpAspire.ClientWeb.Sessions.OpenPages;

/// <summary>Registers what tells open pages that their session has ended.</summary>
internal static class OpenPagesExtensions
{
    public static void AddOpenPages(this IServiceCollection services)
    {
        services.AddSingleton<SessionEndChannel>();
        services.AddSingleton<OpenPageRegistry>();
        services.AddHostedService<SessionEndListener>();
        services.AddScoped<PageName>();
    }
}
