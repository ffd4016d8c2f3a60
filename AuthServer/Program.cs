using McpAspire.AuthServer.AccountApi;
using McpAspire.AuthServer.AccountPages;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Availability;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Commands;
using McpAspire.AuthServer.Devices;
using McpAspire.AuthServer.Discovery;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.EnterpriseManaged;
using McpAspire.AuthServer.Exchange;
using McpAspire.AuthServer.Federation;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Limits;
using McpAspire.AuthServer.Logos;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.Registration;
using McpAspire.AuthServer.Revocation;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.SignOut;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Strangers;
using McpAspire.AuthServer.Tokens;
using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.Health;
using McpAspire.ServiceDefaults.KeyRing;
using McpAspire.ServiceDefaults.PublicUrls;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddBackChannelPaths(Endpoints.Keys, Endpoints.UpstreamLogout);
builder.AddRedisClient("sessions");
builder.AddKeyRingInRedis("authserver");
builder.AddStorage();
builder.AddProtocol();
builder.Services.AddKeys();
builder.AddClients();
builder.AddStrangers();
builder.AddRegistration();
builder.Services.AddLogos();
builder.AddLimits();
builder.AddSignIn();
builder.AddFederation();
builder.AddAuthorize();
builder.AddDevices();
builder.Services.AddGrants();
builder.Services.AddEndings();
builder.Services.AddRevocation();
builder.Services.AddTokens();
builder.Services.AddExchange();
builder.Services.AddEnterpriseManaged();
builder.Services.AddSignOut();
builder.Services.AddAudit();
builder.Services.AddPages();
builder.Services.AddAccountPages();
builder.Services.AddAccountApi();

if (args.IsCommand())
{
    builder.LogToErrors();
    await using var command = builder.Build();
    return await command.RunCommandAsync(args);
}

var app = builder.Build();

app.UseServiceDefaults();
app.UseFailurePage();
app.UseNoSuchPage();
app.UseStaticFiles();
app.UseProtocolCors();
app.UseStoreGates();
app.UseFormOriginCheck();
app.UseReadableInput();
app.UseAuthentication();

app.MapHealth();
app.MapHome();
app.MapSignIn();
app.MapFederation();
app.MapAuthorize();
app.MapDevices();
app.MapRegistration();
app.MapLogos();
app.MapSignOut();
app.MapAccountPages();
app.MapAccountApi();

await app.PrepareStorageAsync();
app.CheckProtocol();
await app.RunAsync();
return 0;
