using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Protocol;
using McpAspire.McpServer.Rest;
using McpAspire.McpServer.Revocation;
using McpAspire.McpServer.Tools;
using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.Health;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddResourceIdentity();
builder.AddAccessTokens();
builder.AddRevocation();
builder.AddMcpProtocol().WithMcpTools();
builder.AddRest();

var app = builder.Build();

app.UseServiceDefaults();
app.UseReadableErrors();
app.UseProtectedPaths();
app.UseAccessTokens();
app.UseMcpCallGate();

app.MapHealth();
app.MapResourceMetadata();
app.MapMcpEndpoint();
app.MapRest();
app.WarnOfMissingRevocation();

app.Run();
