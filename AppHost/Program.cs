using McpAspire.AppHost;
using McpAspire.AppHost.Keycloak;

var builder = DistributedApplication.CreateBuilder(args);

builder.RequireContainerRuntime();
builder.RequireDeveloperCertificate();

// Stores and accounts
var sessions = builder.AddRedis("sessions")
    .WithDataVolume()
    .WithAppendOnlyFile()
    .WithProfileCertificate();

var keycloak = builder.AddKeycloak("keycloak", builder.KeycloakPort())
    .WithKeptAccounts()
    .WithRealm()
    .WithProfileCertificate();
keycloak.TrustProfileCertificate();

// Services
var authserver = builder.AddProject<Projects.AuthServer>("authserver")
    .WithConfiguredPort()
    .WithReference(sessions).WaitFor(sessions)
    .WithReference(keycloak).WaitFor(keycloak)
    .WithWrappingKey()
    .WithDatabase()
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .DisableForwardedHeaders();

var mcpserver = builder.AddProject<Projects.McpServer>("mcpserver")
    .WithConfiguredPort()
    .WithReference(sessions).WaitFor(sessions)
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
var accounts = keycloak.PublicUrl();
var issuer = authserver.PublicUrl();
var server = mcpserver.PublicUrl();
var client = clientweb.PublicUrl();

keycloak
    .WithPublicUrl(accounts)
    .WithRealmClient(authserver, issuer);

authserver
    .WithEnvironment("PublicUrl", issuer)
    .WithSignInAt(keycloak, accounts)
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

builder.RequireFreePorts();
builder.Build().Run();
