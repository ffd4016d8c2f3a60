using McpAspire.ServiceDefaults.Revocation;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

/// <summary>What AuthServer writes, McpServer reads as the same.</summary>
public sealed class RevocationEntryTests
{
    private static readonly DateTimeOffset Until = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000);

    public static TheoryData<RevokedKind, string, long?> Entries => new()
    {
        { RevokedKind.Grant, "a-grant", null },
        { RevokedKind.Session, "a:session", null },
        { RevokedKind.Subject, "client:with:colons", 1_999_999_000 },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void An_entry_survives_the_way_through_Redis(RevokedKind kind, string id, long? issuedUpTo)
    {
        var entry = new RevocationEntry(kind, id, issuedUpTo is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null, Until);

        Assert.True(RevocationEntry.TryParseMessage(entry.Message, out var told));
        Assert.True(RevocationEntry.TryParseMember(entry.Member, Until.ToUnixTimeSeconds(), out var read));
        Assert.Equal(entry, told);
        Assert.Equal(entry, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("grant:a")]
    [InlineData("x grant:a")]
    [InlineData("-1 grant:a")]
    [InlineData("2000000000 grant:")]
    [InlineData("2000000000 other:a")]
    [InlineData("2000000000 sub:a")]
    [InlineData("2000000000 sub:x:a")]
    [InlineData("2000000000 sub:99999999999999:a")]
    [InlineData("99999999999999 grant:a")]
    public void What_is_no_entry_is_not_read(string message) => Assert.False(RevocationEntry.TryParseMessage(message, out _));
}
