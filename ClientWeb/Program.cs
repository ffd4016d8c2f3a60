using McpAspire.ClientWeb.Components;
using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Identity;
using McpAspire.ClientWeb.Mcp;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Sessions.BackChannel;
using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.Health;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddSessions();
builder.AddConnections();
builder.AddMcpConnection();
builder.AddPages();

var app = builder.Build();

app.UseServiceDefaults();
app.UsePages();
app.UseSessions();

app.MapHealth();
app.MapClientIdentity();
app.MapSignIn();
app.MapSignOut();
app.MapBackChannelLogout();
app.MapPages();

app.Run();
