using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.Health;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();

var app = builder.Build();

app.UseServiceDefaults();
app.MapHealth();

app.Run();
