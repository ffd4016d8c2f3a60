using System.Net;
using System.Net.Http.Headers;
using System.Text;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Limits;

/// <summary>
/// NUL, which PostgreSQL can't keep and the form reader refuses, and forms that are none: a bad request wherever a client or a
/// person sends one, on either database.
/// </summary>
public abstract class UnreadableInput(Surroundings stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/connect/token", "code")]
    [InlineData("/connect/token", "client_id")]
    [InlineData("/connect/token", "refresh_token")]
    [InlineData("/connect/token", "scope")]
    [InlineData("/connect/token", "unknown")]
    [InlineData("/connect/par", "client_id")]
    [InlineData("/connect/par", "scope")]
    [InlineData("/connect/par", "state")]
    [InlineData("/connect/par", "nonce")]
    [InlineData("/connect/device", "client_id")]
    [InlineData("/connect/device", "scope")]
    [InlineData("/connect/revoke", "token")]
    [InlineData("/connect/introspect", "token")]
    public async Task A_program_that_sends_NUL_is_told_that_the_request_is_not_valid(string path, string parameter)
    {
        stack.SkipWhereMissing();
        var flow = stack.Flow();
        var request = flow.Request("mcp:tools openid");
        request[parameter] = "a\0b";
        Refused(await flow.PostAsync(path, request));
    }

    [Theory]
    [InlineData("grant_type=authorization_code&code=a%00b", "application/x-www-form-urlencoded")]
    [InlineData("grant_type=authorization_code&code=a\0b", "application/x-www-form-urlencoded")]
    [InlineData("grant_type=authorization_code&co%00de=ab", "application/x-www-form-urlencoded")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\na\0b\r\n--x--\r\n", "multipart/form-data; boundary=x")]
    [InlineData("no parts", "multipart/form-data; boundary=x")]
    [InlineData("no boundary", "multipart/form-data")]
    [InlineData("code=ab", "application/x-www-form-urlencoded; charset=utf-7")]
    [InlineData("code=ab", "application/x-www-form-urlencoded; charset=")]
    [InlineData("code=ab", "application/x-www-form-urlencoded; charset=\"\"")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nab\r\n--x--\r\n", "multipart/form-data; boundary=x; charset=utf-7")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=\"code\"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nab\r\n--x--\r\n", "multipart/form-data; boundary=x")]
    [InlineData(null, "application/x-www-form-urlencoded")]
    public async Task However_it_is_written_or_where_the_form_is_none(string? body, string mediaType)
    {
        stack.SkipWhereMissing();
        var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body ?? string.Join('&', Enumerable.Range(0, 1100).Select(number => $"{number}=1"))));
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        Refused(await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/token", content, Cancel)));
    }

    [Theory]
    [InlineData("client_id")]
    [InlineData("redirect_uri")]
    [InlineData("scope")]
    [InlineData("state")]
    [InlineData("nonce")]
    [InlineData("login_hint")]
    [InlineData("unknown")]
    public async Task An_authorization_request_with_NUL_is_refused_on_a_page_whether_it_is_a_query_or_a_form(string parameter)
    {
        stack.SkipWhereMissing();
        var request = stack.Flow().Request("mcp:tools openid");
        request[parameter] = request.GetValueOrDefault(parameter) + "\0";
        await PageAsync(await stack.Server.Client.GetAsync(Flow.AuthorizeUrl(request), Cancel));
        await PageAsync(await stack.Server.Client.PostAsync("/connect/authorize", new FormUrlEncodedContent(request!), Cancel));
    }

    [Theory]
    [InlineData("/sign-in?client_id=a%00&request_uri=b")]
    [InlineData("/device?user_code=%00")]
    [InlineData("/connect/logout?state=a%00b")]
    [InlineData("/account?a%00=b")]
    public async Task A_page_that_is_asked_for_with_NUL_is_refused(string url)
    {
        stack.SkipWhereMissing();
        await PageAsync(await stack.Server.Client.GetAsync(url, Cancel));
    }

    [Theory]
    [InlineData("/sign-in", "username")]
    [InlineData("/sign-in", "password")]
    [InlineData("/sign-in", "request_uri")]
    [InlineData("/sign-in", "__RequestVerificationToken")]
    [InlineData("/device", "user_code")]
    public async Task A_person_whose_form_holds_NUL_is_told_so(string path, string field)
    {
        stack.SkipWhereMissing();
        using var browser = new TestBrowser(stack.Server.Issuer);
        var page = await browser.SubmitAsync(await browser.GoAsync(path), new() { ["username"] = "alice", ["password"] = "alice", [field] = "a\0b" });
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("invalid_request", page.Text);
    }

    [Theory]
    [InlineData("/connect/authorize", "application/json")]
    [InlineData("/connect/authorize", "")]
    [InlineData("/connect/authorize", "application/x-www-form-urlencoded; charset=utf-7")]
    [InlineData("/connect/logout", "text/plain")]
    [InlineData("/connect/logout", "")]
    [InlineData("/connect/logout", "application/x-www-form-urlencoded; charset=utf-7")]
    [InlineData("/sign-in", "application/x-www-form-urlencoded; charset=utf-7")]
    public async Task What_is_posted_to_a_page_and_is_no_form_is_refused_in_words(string path, string mediaType)
    {
        stack.SkipWhereMissing();
        using var content = new ByteArrayContent("client_id=a"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        await PageAsync(await stack.Server.Client.PostAsync(path, content, Cancel));
    }

    [Theory]
    [InlineData("client_name", "\"a\\u0000b\"")]
    [InlineData("scope", "\"mcp:tools a\\u0000b\"")]
    [InlineData("redirect_uris", "[\"https://a.example/\\u0000\"]")]
    [InlineData("jwks_uri", "\"https://a.example/\\u0000\"")]
    [InlineData("jwks", "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\\u0000b\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}")]
    [InlineData("unknown", "\"\\u0000\"")]
    [InlineData("client_name", "\"a\0b\"")]
    public async Task A_client_can_not_register_with_NUL(string member, string value)
    {
        stack.SkipWhereMissing();
        var metadata = new Dictionary<string, string> { ["redirect_uris"] = "[\"https://a.example/cb\"]", [member] = value };
        var json = $"{{{string.Join(',', metadata.Select(pair => $"\"{pair.Key}\":{pair.Value}"))}}}";
        var answer = await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/register", new StringContent(json, Encoding.UTF8, "application/json"), Cancel));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("a%00b:secret")]
    [InlineData("a\0b:sec\0ret")]
    public async Task Credentials_in_the_header_that_hold_NUL_are_of_no_client(string credentials)
    {
        stack.SkipWhereMissing();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(credentials)));
        var answer = await Answer.OfAsync(await stack.Server.Client.SendAsync(request, Cancel));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
    }

    private static void Refused(Answer answer)
    {
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
        Assert.NotEmpty(answer.Text("error_description")!);
        Assert.True(answer.Response.Headers.CacheControl!.NoStore);
        Assert.Equal("application/json", answer.Response.Content.Headers.ContentType!.MediaType);
    }

    private static async Task PageAsync(HttpResponseMessage response)
    {
        Assert.Equal((HttpStatusCode.BadRequest, "text/html"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Contains("invalid_request", await response.Content.ReadAsStringAsync(Cancel));
    }
}

public sealed class UnreadableInputTests(Surroundings stack) : UnreadableInput(stack), IClassFixture<Surroundings>;

public sealed class UnreadableInputOnPostgresTests(PostgresSurroundings stack) : UnreadableInput(stack), IClassFixture<PostgresSurroundings>;
