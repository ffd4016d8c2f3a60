using System.Reflection;

namespace McpAspire.Stack.Tests.Running;

/// <summary>Where the build put what the tests run and where they put what they saw.</summary>
internal static class Places
{
    internal static string AppHost => Value("AppHost");

    internal static string Screenshots => Value("Screenshots");

    internal static string Repository => Value("Repository");

    private static string Value(string key) => Path.GetFullPath(
        typeof(Places).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!);
}
