namespace McpAspire.AuthServer.Tests.Running;

/// <summary>An AuthServer that runs: in the test process, with a clock of the test, or in a process of its own, with the machine's.</summary>
internal interface IAuthServer
{
    string Issuer { get; }

    string Folder { get; }

    /// <summary>The connection string of its database.</summary>
    string Database { get; }

    /// <summary>The connection string of its Redis.</summary>
    string Redis { get; }

    TimeProvider Time { get; }

    /// <summary>A client that keeps no cookies and follows no redirects. It reaches this one of several replicas.</summary>
    HttpClient Client { get; }

    /// <summary>The same for a client of the test's own, which asks for URLs of the issuer.</summary>
    SocketsHttpHandler NewHandler();
}
