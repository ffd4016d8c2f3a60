using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Strangers;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Registration;

/// <summary>How long clients that registered themselves are kept, and how many.</summary>
public sealed class StrangerLifeTests() : RegisteringTest(new RegistrationServer()), IAsyncLifetime
{
    public ValueTask InitializeAsync() => Fixture.InitializeAsync();

    public ValueTask DisposeAsync() => Fixture.DisposeAsync();

    [Fact]
    public async Task Unused_ones_go_after_a_day_and_who_registers_again_has_another_day()
    {
        var gone = (await RegisterAsync(Public("https://app.example/gone"))).Text("client_id")!;
        var again = (await RegisterAsync(Public("https://app.example/again"))).Text("client_id")!;
        var used = (await RegisterAsync(Public(Redirect))).Text("client_id")!;
        await TokensAsync(used, Redirect);
        Server.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(again, (await RegisterAsync(Public("https://app.example/again"))).Text("client_id"));
        Server.Time.Advance(TimeSpan.FromHours(2));
        await PruneAsync();
        Assert.Equal([.. new[] { again, used }.Order()], (await StrangersAsync()).Order());
        Assert.Equal(HttpStatusCode.BadRequest, (await AuthorizeAsync(gone, "https://app.example/gone")).Status);
        Assert.NotEqual(gone, (await RegisterAsync(Public("https://app.example/gone"))).Text("client_id"));
    }

    [Fact]
    public async Task Idle_ones_go_with_consents_and_ended_grants_and_never_while_a_grant_lives()
    {
        await Fixture.StartAsync(("Strangers:IdleLifetime", "1.00:00:00"));
        var idle = (await RegisterAsync(Public(Redirect))).Text("client_id")!;
        await TokensAsync(idle, Redirect);
        Server.Time.Advance(TimeSpan.FromDays(3));
        await PruneAsync();
        Assert.Equal([idle], await StrangersAsync());

        using (var scope = Server.Scope())
        {
            var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
            await database.Grants.ExecuteUpdateAsync(row => row.SetProperty(grant => grant.EndedAt, Server.Time.GetUtcNow()), Cancel);
        }

        await PruneAsync();
        Assert.Empty(await StrangersAsync());
        using var after = Server.Scope();
        var rows = after.ServiceProvider.GetRequiredService<AuthDbContext>();
        Assert.False(await rows.Clients.AnyAsync(client => client.ClientId == idle, Cancel));
        Assert.False(await rows.Grants.AnyAsync(grant => grant.ClientId == idle, Cancel));
        Assert.False(await rows.Consents.AnyAsync(consent => consent.ClientId == idle, Cancel));
    }

    [Fact]
    public async Task A_use_is_written_down_once_a_day()
    {
        var clientId = (await RegisterAsync(Public(Redirect))).Text("client_id")!;
        Assert.Null(await LastUsedAsync(clientId));
        await TokensAsync(clientId, Redirect);
        var first = await LastUsedAsync(clientId);
        Assert.Equal(Server.Time.GetUtcNow(), first!.Value, TimeSpan.FromSeconds(1));
        Server.Time.Advance(TimeSpan.FromHours(5));
        await TokensAsync(clientId, Redirect);
        Assert.Equal(first, await LastUsedAsync(clientId));
        Server.Time.Advance(TimeSpan.FromHours(20));
        await TokensAsync(clientId, Redirect);
        Assert.Equal(Server.Time.GetUtcNow(), (await LastUsedAsync(clientId))!.Value, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Where_there_is_no_room_the_oldest_unused_one_goes_once_it_is_an_hour_old()
    {
        await using var small = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings: [("Strangers:MostUnused", "2")]);
        var oldest = (await RegisterAsync(Public("https://app.example/1"), small.Client)).Text("client_id");
        await RegisterAsync(Public("https://app.example/2"), small.Client);
        var full = await RegisterAsync(Public("https://app.example/3"), small.Client);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (full.Status, full.Error));
        Assert.NotNull(full.Response.Headers.RetryAfter);
        Assert.Equal(oldest, (await RegisterAsync(Public("https://app.example/1"), small.Client)).Text("client_id"));

        small.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public("https://app.example/3"), small.Client)).Status);
        using var scope = small.Scope();
        Assert.Equal(2, await scope.ServiceProvider.GetRequiredService<AuthDbContext>().StrangerClients.CountAsync(Cancel));
    }

    [Fact]
    public async Task Nobody_keeps_it_full_by_registering_the_same_again_and_again()
    {
        await using var small = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings: [("Strangers:MostUnused", "2")]);
        foreach (var minutes in new[] { 30, 31 })
        {
            await RegisterAsync(Public("https://app.example/1"), small.Client);
            await RegisterAsync(Public("https://app.example/2"), small.Client);
            small.Time.Advance(TimeSpan.FromMinutes(minutes));
        }

        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(Public("https://app.example/3"), small.Client)).Status);
    }

    private async Task PruneAsync()
    {
        using var scope = Server.Scope();
        await scope.ServiceProvider.GetRequiredService<StrangerPruning>().PruneAsync(
            scope.ServiceProvider.GetRequiredService<AuthDbContext>(), Server.Time.GetUtcNow(), Cancel);
    }

    private async Task<string[]> StrangersAsync()
    {
        using var scope = Server.Scope();
        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().StrangerClients.Select(client => client.ClientId).ToArrayAsync(Cancel);
    }

    private async Task<DateTimeOffset?> LastUsedAsync(string clientId)
    {
        using var scope = Server.Scope();
        return (await scope.ServiceProvider.GetRequiredService<AuthDbContext>().StrangerClients.SingleAsync(client => client.ClientId == clientId, Cancel)).LastUsedAt;
    }
}
