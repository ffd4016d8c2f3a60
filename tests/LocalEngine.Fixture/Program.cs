using Aspire.Hosting;
using McpAspire.LocalEngine.Fixture;
using Microsoft.Extensions.Configuration;

if (args is ["service", .. var behaviours])
{
    return await FixtureService.RunAsync(behaviours);
}

// A stack of a store and two services, one after the other. What the services do is said by the settings
// Fixture:first and Fixture:second, their ports by Ports:first and Ports:second.
var builder = DistributedApplication.CreateBuilder(args);
var store = builder.AddRedis("store")
    .WithArgs("--appendonly", "yes", "--maxmemory-policy", "noeviction");
if (builder.Configuration["Fixture:keep"] != "no")
{
    store.WithDataVolume();
}

var first = builder.AddProject<FixtureProject>("first")
    .WithFixture()
    .WithReference(store).WaitFor(store);
builder.AddProject<FixtureProject>("second")
    .WithFixture()
    .WithReference(first).WaitFor(first)
    .WithExternalHttpEndpoints();

if (builder.Configuration["Fixture:realm"] is { } realm)
{
    builder.AddKeycloak("accounts", builder.Configuration.GetValue<int?>("Ports:accounts"))
        .WithDataVolume()
        .WithRealmImport(realm)
        .WithHttpHealthCheck("/realms/lab/.well-known/openid-configuration")
        .WithoutHttpsCertificate();
}

builder.Build().Run();
return Environment.ExitCode;
