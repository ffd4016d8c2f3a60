using System.Text.Json;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.AuthServer.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class ProviderRolesTests
{
    [Theory]
    [InlineData("", """{"roles":["a","b","a"]}""", "a b")]
    [InlineData("", """{"roles":"a"}""", "a")]
    [InlineData("", """{"roles":[]}""", "")]
    [InlineData("", """{"roles":[1,"with blank",""]}""", "")]
    [InlineData("", """{"name":"A"}""", null)]
    [InlineData("ClaimMap:Roles=realm_access.roles", """{"realm_access":{"roles":["a"]}}""", "a")]
    [InlineData("ClaimMap:Roles=realm_access.roles", """{"realm_access.roles":["whole name"],"realm_access":{"roles":["a"]}}""", "")]
    [InlineData("ClaimMap:Roles=groups realm_access.roles", """{"realm_access":{"roles":["a"]},"groups":["b"]}""", "b")]
    [InlineData("ClaimMap:Roles=https://example.com/roles", """{"https://example.com/roles":["a"]}""", "a")]
    [InlineData("RoleMap:mcp admins=admin", """{"roles":["mcp admins","a"]}""", "admin")]
    [InlineData("RolePrefix=mcp-", """{"roles":["mcp-admin","admin","mcp-"]}""", "admin")]
    [InlineData("RolePrefix=mcp-,RoleMap:boss=admin", """{"roles":["mcp-boss","boss","mcp-a"]}""", "admin")]
    public void Roles_are_taken_by_the_settings(string settings, string claims, string? roles)
    {
        var provider = ProviderSettingTests.Provider([.. settings.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(setting => (setting.Split('=')[0], setting.Split('=')[1]))]);
        var identity = UpstreamIdentity.From(provider, "someone", JsonDocument.Parse(claims).RootElement);
        Assert.Equal(roles, identity.Roles is null ? null : string.Join(' ', identity.Roles));
    }

    [Fact]
    public async Task An_account_with_a_password_keeps_the_roles_that_it_has_here()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: ("SignIn:BuiltInAccounts", "true"));
        stack.Provider.Claims = claims => claims["roles"] = new[] { "admin" };
        using var browser = stack.Flow().Browser;
        await browser.SubmitAsync(await browser.GoAsync("/sign-in"), new() { ["username"] = "alice", ["password"] = "alice" });
        await LinkTests.PostAsync(stack, browser, "/account/links/liar");
        await browser.GoAsync("/sign-in/liar");
        Assert.Equal("user", RolesOf(stack, "alice@upstream.example"));
    }

    private static string RolesOf(SignInAtLiar stack, string email)
    {
        using var scope = stack.Server.Scope();
        return scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts.Single(account => account.Email == email).Roles;
    }
}
