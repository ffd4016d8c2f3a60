using McpAspire.TestKit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>AuthServer's real Program over Kestrel on a free port, with a clock that the test owns.</summary>
internal sealed class RunningAuthServer : IAuthServer, IAsyncDisposable
{
    internal const string Resource = "http://localhost:5200/mcp";

    internal const string WrappingKey = "the wrapping key of the tests, 32 characters or more";

    private readonly Factory _factory;
    private readonly string _folder;
    private readonly bool _ownsFolder;

    private RunningAuthServer(Factory factory, int port, int listen, string folder, bool ownsFolder, CapturedLogs logs, FakeTimeProvider time)
    {
        _factory = factory;
        _folder = folder;
        _ownsFolder = ownsFolder;
        Port = port;
        Logs = logs;
        Time = time;
        Client = new HttpClient(NewHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{listen}") };
        Client.DefaultRequestHeaders.Host = $"localhost:{port}";
    }

    internal int Port { get; }

    public string Issuer => $"http://localhost:{Port}";

    public string Folder => _folder;

    public string Database { get; private init; } = null!;

    public string Redis { get; private init; } = null!;

    internal CapturedLogs Logs { get; }

    /// <summary>Waits for a line of the log. What is done off a request is written down after it is done: its effect is no sign that the line is there.</summary>
    internal Task LoggedAsync(string text) => Eventually.BeTrueAsync(
        () => Task.FromResult(Logs.Lines.Any(line => line.Contains(text, StringComparison.Ordinal))), $"the log says '{text}'",
        cancellationToken: TestContext.Current.CancellationToken);

    internal FakeTimeProvider Time { get; }

    TimeProvider IAuthServer.Time => Time;

    public HttpClient Client { get; }

    public SocketsHttpHandler NewHandler() => new() { AllowAutoRedirect = false, UseCookies = false };

    internal IServiceScope Scope() => _factory.Services.CreateScope();

    /// <param name="redis">Its Redis.</param>
    /// <param name="port">The port that the issuer names; free where it is 0.</param>
    /// <param name="listen">The port to listen on, where it is another: a second process of the same issuer.</param>
    /// <param name="folder">The data folder; a new one where it is null.</param>
    /// <param name="time">The clock.</param>
    /// <param name="environment">The environment's name.</param>
    /// <param name="database">The connection string of its database; null for SQLite in the data folder.</param>
    /// <param name="settings">More settings.</param>
    internal static async Task<RunningAuthServer> StartAsync(
        string redis, int port = 0, int listen = 0, string? folder = null, FakeTimeProvider? time = null, string environment = "Development",
        string? database = null, params (string Key, string Value)[] settings)
    {
        port = port == 0 ? FreePort.Next() : port;
        var logs = new CapturedLogs();
        time ??= TestClock.New();
        var dataFolder = folder ?? Directory.CreateTempSubdirectory("authserver-tests-").FullName;
        database ??= await TestDatabase.OfAsync(dataFolder);
        var factory = new Factory(
            [
                ("PublicUrl", $"http://localhost:{port}"),
                ("DataFolder", dataFolder),
                ("ConnectionStrings:sessions", redis),
                ("ConnectionStrings:accounts", database),
                ("DataProtection:WrappingKey", WrappingKey),
                ("Resources:0:Name", "MCP server"),
                ("Resources:0:Uri", Resource),
                // All tests of a class come from one address, in one minute of their clock.
                ("ClientDocuments:AttemptsPerSource", "100000"),
                ("StoredRequests:PerMinute", "100000"),
                ("Guessing:PasswordsPerMinute", "100000"),
                ("Guessing:SecretsPerMinute", "100000"),
                ("Logging:LogLevel:Default", "Trace"),
                ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"),
                ("Logging:LogLevel:Microsoft.EntityFrameworkCore", "Trace"),
                ("Logging:LogLevel:OpenIddict", "Trace"),
                .. settings,
            ],
            environment, logs, time);
        listen = listen == 0 ? port : listen;
        factory.UseKestrel(listen);
        factory.StartServer();
        return new RunningAuthServer(factory, port, listen, dataFolder, folder is null, logs, time) { Database = database, Redis = redis };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _factory.DisposeAsync();
        if (_ownsFolder)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(_folder, recursive: true);
        }
    }

    private sealed class Factory((string Key, string Value)[] settings, string environment, CapturedLogs logs, FakeTimeProvider time)
        : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment(environment);
            foreach (var (key, value) in settings)
            {
                builder.UseSetting(key, value);
            }

            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(logs));
            builder.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)));
        }
    }
}
