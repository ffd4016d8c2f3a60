using System.Security.Cryptography;
using McpAspire.ServiceDefaults.KeyRing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

public class WrappingKeyTests
{
    private static readonly WrappingKey Key = new(new string('k', 32));

    [Fact]
    public void What_was_wrapped_opens_with_the_same_key_and_purpose() =>
        Assert.Equal("secret"u8.ToArray(), Key.Unwrap(Key.Wrap("secret"u8, "a"), "a"));

    [Fact]
    public void Another_purpose_does_not_open_it() =>
        Assert.ThrowsAny<CryptographicException>(() => Key.Unwrap(Key.Wrap("secret"u8, "a"), "b"));

    [Fact]
    public void Another_key_does_not_open_it() =>
        Assert.ThrowsAny<CryptographicException>(() => new WrappingKey(new string('x', 32)).Unwrap(Key.Wrap("secret"u8, "a"), "a"));

    [Fact]
    public void A_changed_byte_is_noticed()
    {
        var wrapped = Key.Wrap("secret"u8, "a");
        wrapped[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => Key.Unwrap(wrapped, "a"));
    }

    [Fact]
    public void Too_little_data_is_refused() => Assert.ThrowsAny<CryptographicException>(() => Key.Unwrap(new byte[27], "a"));

    [Fact]
    public void The_same_text_never_looks_the_same_twice() => Assert.NotEqual(Key.Wrap("secret"u8, "a"), Key.Wrap("secret"u8, "a"));

    [Fact]
    public void A_short_secret_is_refused() => Assert.Throws<InvalidOperationException>(() => new WrappingKey("short"));

    [Fact]
    public void Outside_Development_the_key_must_be_configured()
    {
        var environment = new HostingEnvironment { EnvironmentName = Environments.Production, ApplicationName = "test" };
        var exception = Assert.Throws<InvalidOperationException>(() => WrappingKey.From(new ConfigurationBuilder().Build(), environment));
        Assert.Contains("DataProtection:WrappingKey", exception.Message, StringComparison.Ordinal);
    }
}
