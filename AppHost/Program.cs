using McpAspire.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

builder.RequireContainerRuntime();
builder.RequireDeveloperCertificate();

// Stores and accounts
var sessions = builder.AddRedis("sessions")
    .WithDataVolume()
    .WithAppendOnlyFile()
    .WithProfileCertificate();

// Nothing waits for it: where no Keycloak is to be had, AuthServer's own accounts serve.
var keycloak = builder.AddKeycloak("keycloak", builder.KeycloakPort())
    .WithDataVolume()
    .WithRealmImport("Realms")
    .WithProfileCertificate();
keycloak.TrustProfileCertificate();

// Services
var authserver = builder.AddProject<Projects.AuthServer>("authserver")
    .WithConfiguredPort()
    .WithReference(sessions).WaitFor(sessions)
    .WithReference(keycloak)
    .WithWrappingKey()
    .WithDataFolder()
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .DisableForwardedHeaders();

var mcpserver = builder.AddProject<Projects.McpServer>("mcpserver")
    .WithConfiguredPort()
    .WithReference(authserver).WaitFor(authserver)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .DisableForwardedHeaders();

var clientweb = builder.AddProject<Projects.ClientWeb>("clientweb")
    .WithConfiguredPort()
    .WithReference(sessions).WaitFor(sessions)
    .WithReference(mcpserver).WaitFor(mcpserver)
    .WithReference(authserver)
    .WithWrappingKey()
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .DisableForwardedHeaders();

// Identities: who each service is, and whom it trusts
var issuer = authserver.PublicUrl();
var server = mcpserver.PublicUrl();
var client = clientweb.PublicUrl();

authserver
    .WithEnvironment("PublicUrl", issuer)
    .WithEnvironment("Resources__0__Name", "MCP server")
    .WithEnvironment("Resources__0__Uri", $"{server}/mcp")
    .WithTrustedHosts(clientweb);

mcpserver
    .WithEnvironment("PublicUrl", server)
    .WithEnvironment("AuthorizationServer", issuer)
    .WithTrustedHosts(authserver);

clientweb
    .WithEnvironment("PublicUrl", client)
    .WithEnvironment("HomeServer", $"{server}/mcp")
    .WithTrustedHosts(mcpserver, authserver);

builder.Build().Run();
