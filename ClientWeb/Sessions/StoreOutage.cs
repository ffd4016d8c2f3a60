using StackExchange.Redis;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>Recognizes that Redis is away, also where the key ring hides it in an exception of its own.</summary>
internal static class StoreOutage
{
    public const string Message = "The store of sign-ins does not answer. You are not signed out: try again in a moment.";

    public static bool IsCauseOf(Exception? exception) => exception switch
    {
        null => false,
        RedisException or RedisTimeoutException => true,
        AggregateException several => several.InnerExceptions.Any(IsCauseOf),
        _ => IsCauseOf(exception.InnerException),
    };
}
