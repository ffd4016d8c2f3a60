using Microsoft.Extensions.Logging;

namespace McpAspire.LocalEngine.Running;

/// <summary>What the description says about a resource while it runs, on the console.</summary>
internal sealed class ResourceLogger(HostConsole console, string resource) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var text = exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception.Message}";
        Action<string, string> write = logLevel switch
        {
            >= LogLevel.Error => console.Bad,
            LogLevel.Warning => console.Warn,
            _ => console.Output,
        };
        write(resource, text);
    }
}
