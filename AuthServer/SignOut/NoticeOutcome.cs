namespace McpAspire.AuthServer.SignOut;

/// <summary>What came of one attempt to deliver a <see cref="LogoutNotice"/>.</summary>
internal enum NoticeOutcome
{
    /// <summary>It arrived, or nobody wants it any more.</summary>
    Done,

    /// <summary>The other side understood it and says no; asking again would change nothing.</summary>
    Refused,

    /// <summary>The other side is away or in trouble.</summary>
    Later,

    /// <summary>It would end what is still needed; it waits, and that is no attempt.</summary>
    NotYet,
}
