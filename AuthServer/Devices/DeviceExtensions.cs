using OpenIddict.Server;

namespace McpAspire.AuthServer.Devices;

/// <summary>Registers the device grant (RFC 8628) with its pages.</summary>
internal static class DeviceExtensions
{
    internal static void AddDevices(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // Made here and not at the first request, so that a bad setting stops the start.
        var options = DeviceOptions.From(builder.Configuration);
        services.AddSingleton(options);
        services.Configure<OpenIddictServerOptions>(server => server.DeviceCodeLifetime = server.UserCodeLifetime = options.CodeLifetime);
        services.AddSingleton<DeviceTicket>();
        services.AddScoped<DeviceConsent>();
    }

    internal static OpenIddictServerBuilder UseDeviceRules(this OpenIddictServerBuilder server) => server
        .AllowDeviceAuthorizationFlow()
        .SetDeviceAuthorizationEndpointUris(Discovery.Endpoints.DeviceAuthorization[1..])
        .SetEndUserVerificationEndpointUris(DeviceConsent.Path[1..])
        .SetUserCodeCharset(UserCode.Charset)
        .SetUserCodeLength(UserCode.Length)
        .SetUserCodeDisplayFormat(UserCode.DisplayFormat)
        .AddEventHandler(DeviceRequest.Descriptor)
        .AddEventHandler(DeviceAnswer.Descriptor)
        .AddEventHandler(DevicePolling.Descriptor)
        .AddEventHandler(TypedUserCode.Descriptor);

    internal static void MapDevices(this WebApplication app)
    {
        DeviceCodeEndpoints.Map(app);
        DeviceConsent.Map(app);
    }
}
