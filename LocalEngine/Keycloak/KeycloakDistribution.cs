using McpAspire.LocalEngine.Running;

namespace McpAspire.LocalEngine.Keycloak;

/// <summary>Finds an unpacked Keycloak: <c>KEYCLOAK_HOME</c>, else where the kc script on the PATH lies.</summary>
internal static class KeycloakDistribution
{
    internal static string ScriptName => OperatingSystem.IsWindows() ? "kc.bat" : "kc.sh";

    /// <summary>Its folder; null where there is none.</summary>
    internal static string? Find()
    {
        if (Environment.GetEnvironmentVariable("KEYCLOAK_HOME") is { Length: > 0 } home)
        {
            return File.Exists(Path.Combine(home, "bin", ScriptName)) ? Path.GetFullPath(home) : null;
        }

        if (Executables.Find(ScriptName) is not { } script)
        {
            return null;
        }

        var real = File.ResolveLinkTarget(script, returnFinalTarget: true)?.FullName ?? script;
        return Path.GetDirectoryName(Path.GetDirectoryName(real));
    }
}
