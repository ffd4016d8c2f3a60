using System.Net;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class KeycloakTests(SignInAtKeycloak stack) : IClassFixture<SignInAtKeycloak>
{
    [Fact]
    public async Task A_person_signs_in_at_Keycloak_and_the_application_gets_tokens_with_name_and_roles()
    {
        Assert.SkipWhen(KeycloakServer.Missing is not null, KeycloakServer.Missing ?? "");
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync();
        Assert.Equal(stack.Keycloak.Port, page.Url.Port);
        page = await flow.SignInAsync(page);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        page = await flow.AllowAsync(page);
        var tokens = await flow.TokenAsync(flow.CodeRequest(page.Query("code")!));
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Equal("Alice Adams", tokens.Access.GetClaim("name").Value);
        Assert.Equal("alice@example.com", tokens.Identity.GetClaim("email").Value);
        Assert.Equal("alice", tokens.Identity.GetClaim("preferred_username").Value);
    }
}
