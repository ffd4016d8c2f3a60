using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace McpAspire.AuthServer.Storage;

/// <summary>Lets <c>dotnet ef migrations add</c> read the model without starting the service.</summary>
internal sealed class DesignTimeContext : IDesignTimeDbContextFactory<AuthDbContext>
{
    public AuthDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseSqlite("Data Source=design-time.db").Options);
}
