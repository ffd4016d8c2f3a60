namespace McpAspire.AuthServer.Limits;

/// <summary>
/// How many passwords, of whatever accounts, may be wrong within any minute from one network, and from all networks of its
/// site together. (An account has limits of its own, <see cref="SignIn.AccountLockOptions"/>.)
/// </summary>
internal sealed class PasswordGuesses(WrongTries tries, RequestSource source, GuessingOptions options)
{
    private const string Kind = "password";

    /// <summary>Counts a password before it is looked at. One that may not be looked at counts for nothing.</summary>
    internal async Task<PasswordGuess> CountAsync()
    {
        var network = source.Network;
        var ofNetwork = await tries.CountAsync(Kind, network, options.PasswordsPerMinute);
        if (ofNetwork.Wait is { } wait)
        {
            return new PasswordGuess([], network, wait);
        }

        if (source.Site is not { } site)
        {
            return new PasswordGuess([ofNetwork], network, Wait: null);
        }

        var ofSite = await tries.CountAsync(Kind, site, options.PasswordsPerMinute * RequestSource.NetworksOfSite);
        if (ofSite.Wait is null)
        {
            return new PasswordGuess([ofNetwork, ofSite], network, Wait: null);
        }

        await tries.TakeBackAsync(ofNetwork);
        return new PasswordGuess([], site, ofSite.Wait);
    }

    /// <summary>Counts it no more, since it was right.</summary>
    internal async Task TakeBackAsync(PasswordGuess guess)
    {
        foreach (var counted in guess.Counted)
        {
            await tries.TakeBackAsync(counted);
        }
    }
}

/// <summary>A password that was counted.</summary>
/// <param name="Counted">As what.</param>
/// <param name="From">Where it comes from, or where too many come from.</param>
/// <param name="Wait">Null where it may be looked at; else how long until one may.</param>
internal sealed record PasswordGuess(IReadOnlyList<CountedTry> Counted, string From, TimeSpan? Wait);
