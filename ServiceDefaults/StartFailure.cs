using System.Reflection;
using Microsoft.Extensions.Options;

namespace McpAspire.ServiceDefaults;

/// <summary>
/// Says in one message why a service can't start, where a setting is the cause: the dump of a crash hides it. Whatever else
/// ends the start, and all that ends a service once it runs, is left to be a crash with its stack.
/// </summary>
internal static class StartFailure
{
    private const int ExitCode = 1;

    private static int _watches;

    /// <summary>From now on, until <see cref="Forget"/>.</summary>
    internal static void Watch()
    {
        if (Interlocked.Exchange(ref _watches, 1) == 0)
        {
            AppDomain.CurrentDomain.UnhandledException += Tell;
        }
    }

    /// <summary>The service runs.</summary>
    internal static void Forget() => AppDomain.CurrentDomain.UnhandledException -= Tell;

    /// <summary>
    /// What to tell the operator; null where the exception is no check of settings: one that our own code throws, that the
    /// binder throws at a value it can't read, or that a check of options throws.
    /// </summary>
    internal static string? ExplanationOf(Exception exception) => exception switch
    {
        OptionsValidationException => exception.Message,
        _ when exception.GetType() == typeof(InvalidOperationException) && ChecksSettings(exception.TargetSite) => exception.Message,
        _ => null,
    };

    private static bool ChecksSettings(MethodBase? thrower) =>
        thrower?.DeclaringType?.Namespace is { } place
        && (place.StartsWith(nameof(McpAspire) + ".", StringComparison.Ordinal) || place == "Microsoft.Extensions.Configuration");

    private static void Tell(object sender, UnhandledExceptionEventArgs failure)
    {
        if (failure.ExceptionObject is Exception exception && ExplanationOf(exception) is { } explanation)
        {
            Console.Error.WriteLine($"{Assembly.GetEntryAssembly()?.GetName().Name} can't start. {explanation}");
            Environment.Exit(ExitCode);
        }
    }
}
