using McpAspire.AuthServer.Discovery;

namespace McpAspire.AuthServer.Registration;

/// <summary>Registers dynamic registration, where it is on.</summary>
internal static class RegistrationExtensions
{
    internal static void AddRegistration(this WebApplicationBuilder builder)
    {
        // Made here and not at the first request, so that a bad setting stops the start.
        builder.Services.AddSingleton(RegistrationOptions.From(builder.Configuration));
        builder.Services.AddSingleton<RegistrationStore>();
        builder.Services.AddSingleton<RegistrationEndpoint>();
    }

    internal static void MapRegistration(this WebApplication app)
    {
        if (app.Services.GetRequiredService<RegistrationOptions>().Enabled)
        {
            app.MapPost(Endpoints.Register, (HttpContext context, RegistrationEndpoint endpoint) => endpoint.RegisterAsync(context));
        }
    }
}
