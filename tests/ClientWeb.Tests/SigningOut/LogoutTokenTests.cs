using System.Net;
using System.Security.Cryptography;
using System.Text;
using McpAspire.ClientWeb.Tests.Fakes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningOut;

/// <summary>The rules of OpenID Connect Back-Channel Logout §2.6, each broken alone.</summary>
public sealed class LogoutTokenTests : IAsyncLifetime
{
    private static readonly Dictionary<string, (Action<Dictionary<string, object>> Break, string Said)> Rules = new()
    {
        ["another issuer"] = (claims => claims["iss"] = "https://evil.example", "its issuer is another"),
        ["an issuer with a slash"] = (claims => claims["iss"] += "/", "its issuer is another"),
        ["no issuer"] = (claims => claims.Remove("iss"), "its issuer is another"),
        ["another audience"] = (claims => claims["aud"] = "https://other.example", "it was made for another application"),
        ["no audience"] = (claims => claims.Remove("aud"), "it was made for another application"),
        ["expired"] = (claims => claims["exp"] = Seconds(-31), "it has expired"),
        ["no exp"] = (claims => claims.Remove("exp"), "it has expired"),
        ["from the future"] = (claims => claims["iat"] = Seconds(60), "its iat lies in the future"),
        ["no iat"] = (claims => claims.Remove("iat"), "it has no usable iat"),
        ["no jti"] = (claims => claims.Remove("jti"), "it has no jti"),
        ["no events"] = (claims => claims.Remove("events"), "its events have no object"),
        ["another event"] = (claims => claims["events"] = Event("https://other.example", new Dictionary<string, object>()), "its events have no object"),
        ["an event that is no object"] = (claims => claims["events"] = Event(LogoutSender.Event, "yes"), "its events have no object"),
        ["a nonce"] = (claims => claims["nonce"] = "x", "it has a nonce"),
        ["nobody"] = (claims => { claims.Remove("sub"); claims.Remove("sid"); }, "it has neither sub nor sid"),
        ["a sid that is no text"] = (claims => claims["sid"] = 5, "its sid is no text"),
    };

    private readonly World _world = new();
    private readonly LogoutSender _sender;

    public LogoutTokenTests() => _sender = new LogoutSender(_world);

    public static TheoryData<string> RuleNames => [.. Rules.Keys];

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await _world.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(RuleNames))]
    public async Task A_logout_token_that_breaks_a_rule_is_refused_by_name(string rule)
    {
        var (@break, said) = Rules[rule];
        using var browser = await _world.SignInAsync();

        await RefusedAsync(_sender.Token(@break), said);

        await browser.OpenAsync("/");
        Assert.Contains("Alice Adams", browser.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("at+jwt")]
    public async Task Another_type_of_token_is_refused(string type) =>
        await RefusedAsync(_sender.Token(type: type), "its typ is not logout+jwt");

    [Fact]
    public async Task Another_algorithm_is_refused()
    {
        using var rsa = RSA.Create(2048);
        var key = new RsaSecurityKey(rsa) { KeyId = "id-token-key" };

        await RefusedAsync(_sender.Token(key: new SigningCredentials(key, SecurityAlgorithms.RsaSsaPssSha256)), "it is not signed with RS256");
    }

    [Fact]
    public async Task A_token_without_signature_is_refused()
    {
        var parts = _sender.Token().Split('.');
        var header = Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes("""{"alg":"none","typ":"logout+jwt"}"""));

        await RefusedAsync($"{header}.{parts[1]}.", "it is not signed with RS256");
    }

    [Fact]
    public async Task A_signature_by_a_stranger_is_refused()
    {
        using var rsa = RSA.Create(2048);
        var key = new RsaSecurityKey(rsa) { KeyId = "id-token-key" };

        await RefusedAsync(_sender.Token(key: new SigningCredentials(key, SecurityAlgorithms.RsaSha256)), "its signature is wrong");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("x.y.z")]
    [InlineData("..")]
    public async Task What_is_no_token_is_refused(string text) => await RefusedAsync(text, "it can't be read");

    [Fact]
    public async Task What_is_no_form_with_one_token_is_refused()
    {
        using var json = new StringContent("{}", Encoding.UTF8, "application/json");
        using var nothing = new FormUrlEncodedContent([]);
        using var twice = new FormUrlEncodedContent([new("logout_token", _sender.Token()), new("logout_token", _sender.Token())]);

        foreach (HttpContent body in (HttpContent[])[json, nothing, twice])
        {
            var answer = await _sender.PostAsync(body);
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
        }
    }

    [Fact]
    public async Task A_body_over_16_kilobytes_is_refused()
    {
        var answer = await _sender.PostAsync(new string('x', 17 * 1024));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "invalid_request"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task A_token_within_the_skew_is_taken_once()
    {
        using var browser = await _world.SignInAsync();
        var token = _sender.Token(claims =>
        {
            claims["iat"] = Seconds(20);
            claims["exp"] = Seconds(-20);
        });

        var taken = await _sender.PostAsync(token);
        Assert.Equal(HttpStatusCode.OK, taken.Status);
        Assert.True(taken.IsNotStored);

        await RefusedAsync(token, "it was used before");
    }

    [Fact]
    public async Task Of_two_replicas_that_get_a_token_at_once_at_most_one_says_yes()
    {
        var token = _sender.Token();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _sender.PostAsync(token)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_token_of_another_issuer_or_type_makes_nobody_read_keys()
    {
        await RefusedAsync(_sender.Token(claims => claims["iss"] = "https://evil.example"), "its issuer is another");
        await RefusedAsync(_sender.Token(type: "JWT"), "its typ is not logout+jwt");

        Assert.Equal(0, _world.AuthorizationServer.KeyReads);
    }

    [Fact]
    public async Task Keys_are_remembered_and_read_again_for_an_unknown_one_now_and_then_only()
    {
        using var rsa = RSA.Create(2048);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _sender.PostAsync(_sender.Token())).Status);
            var unknown = new RsaSecurityKey(rsa) { KeyId = $"unknown-{i}" };
            await RefusedAsync(_sender.Token(key: new SigningCredentials(unknown, SecurityAlgorithms.RsaSha256)), "its key is not among the issuer's");
        }

        Assert.InRange(_world.AuthorizationServer.KeyReads, 1, 2);
    }

    [Fact]
    public async Task Keys_that_can_not_be_read_make_the_sender_try_again()
    {
        _world.AuthorizationServer.AreKeysDown = true;

        var answer = await _sender.PostAsync(_sender.Token());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.True(answer.IsNotStored);
    }

    [Fact]
    public async Task The_log_says_which_rule_and_never_the_token()
    {
        string[] tokens = [_sender.Token(), _sender.Token(claims => claims["nonce"] = "x"), _sender.Token(type: "JWT")];
        foreach (var token in tokens)
        {
            await _sender.PostAsync(token);
        }

        Assert.Contains(_world.ClientWeb.Logs.Lines, line => line.Contains("A logout token was refused: it has a nonce", StringComparison.Ordinal));
        var signatures = tokens.Select(token => new JsonWebToken(token).EncodedSignature);
        Assert.All(signatures, signature => Assert.DoesNotContain(_world.ClientWeb.Logs.Lines, line => line.Contains(signature, StringComparison.Ordinal)));
    }

    private static long Seconds(int fromNow) => DateTimeOffset.UtcNow.AddSeconds(fromNow).ToUnixTimeSeconds();

    private static Dictionary<string, object> Event(string name, object value) => new() { [name] = value };

    private async Task RefusedAsync(string token, string said)
    {
        var answer = await _sender.PostAsync(token);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
        Assert.Contains(said, answer.Description, StringComparison.Ordinal);
        Assert.True(answer.IsNotStored);
    }
}
