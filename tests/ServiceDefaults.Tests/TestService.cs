using McpAspire.ServiceDefaults.BrowserProtection;
using McpAspire.ServiceDefaults.Health;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpAspire.ServiceDefaults.Tests;

/// <summary>A minimal service with the shared rules, over real HTTP on a free port.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestService(WebApplication app, int port, CapturedLogs logs)
    {
        _app = app;
        Port = port;
        Logs = logs;
    }

    internal int Port { get; }

    internal CapturedLogs Logs { get; }

    internal string Url => $"http://localhost:{Port}";

    internal T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    internal static Task<TestService> StartAsync(params (string Key, string Value)[] settings) => StartAsync(_ => { }, settings);

    internal static async Task<TestService> StartAsync(Action<WebApplicationBuilder> configure, params (string Key, string Value)[] settings)
    {
        var port = FreePort.Next();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.Configuration["PublicUrl"] = $"http://localhost:{port}";
        builder.Configuration["urls"] = $"http://127.0.0.1:{port}";
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        var logs = new CapturedLogs();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.AddServiceDefaults();
        configure(builder);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseOriginCheck(context => context.Request.Method == HttpMethods.Post);
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context => context.Response.WriteAsync("an error page"),
            StatusCodeSelector = exception => (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
        });
        app.MapGet("/fails", string () => throw new InvalidOperationException("on purpose"));
        app.MapHealth();
        app.MapGet("/page", (HttpRequest request) => $"{request.Scheme} {request.Host} {request.HttpContext.Connection.RemoteIpAddress}");
        app.MapPost("/page", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            return (await reader.ReadToEndAsync()).Length;
        });
        await app.StartAsync();
        return new TestService(app, port, logs);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
