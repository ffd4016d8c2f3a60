using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.Revocation;
using McpAspire.AuthServer.SignOut;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>The acts over a server's database without the services that tell of them: a process that ends right after the commit.</summary>
internal sealed class DyingProcess(IAuthServer server, params IInterceptor[] interceptors) : IAsyncDisposable
{
    private readonly AuthDbContext _database = TestDatabase.Open(server.Database, interceptors);

    internal EndingActs Acts
    {
        get
        {
            var nothing = new ConfigurationBuilder().Build();
            var signal = new LogoutNoticeSignal();
            var outbox = new EndingOutbox(
                _database, new UnneededTokens(_database, signal, server.Time), new RevocationLifetime(nothing), new RevocationSignal(), signal, server.Time);
            return new EndingActs(_database, outbox, new ProviderSet(nothing, development: true), server.Time, new AuditLog(NullLogger<AuditLog>.Instance));
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
