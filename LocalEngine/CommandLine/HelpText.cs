namespace McpAspire.LocalEngine.CommandLine;

internal static class HelpText
{
    internal const string Text =
        """
        Runs the whole stack on this machine, until Ctrl-C.

          dotnet run --project AppHost -- [options] [--Section:Key=value …]

          --data DIR        keep the data there (default: one folder per user)
          --reset           begin with an empty data folder; asks nothing
          --no-color        plain output (so does the environment variable NO_COLOR)
          --help            this text

        Settings, here or as environment variables (Ports__authserver=5101):

          --Ports:NAME=N                 another port for a resource
          --PublicUrls:NAME=URL          another public URL for a service
          --Parameters:NAME=VALUE        a parameter of the description
          --LocalEngine:Redis=KIND       installed or embedded (default: an installed redis-server 7 or newer, if any)

        Keycloak is found through KEYCLOAK_HOME, else through kc.sh on the PATH.
        https instead of http: dotnet run --project AppHost --launch-profile https
        """;
}
