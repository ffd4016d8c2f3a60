namespace McpAspire.ClientWeb.Sessions.OpenPages;

/// <summary>The pages that are open on this replica, by session.</summary>
internal sealed class OpenPageRegistry
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<OpenPage>> _pages = [];

    /// <summary>Remembers a page until it is disposed.</summary>
    /// <param name="hash">Its session.</param>
    /// <param name="page">Its own name.</param>
    /// <param name="onEnded">Called when the session has ended, unless this page ended it. It must return soon.</param>
    public IDisposable Add(string hash, string page, Action onEnded)
    {
        var open = new OpenPage(this, hash, page, onEnded);
        lock (_gate)
        {
            if (!_pages.TryGetValue(hash, out var pages))
            {
                _pages[hash] = pages = [];
            }

            pages.Add(open);
        }

        return open;
    }

    /// <summary>Tells the pages of a session that it has ended.</summary>
    /// <param name="hash">The session.</param>
    /// <param name="endedBy">The page that ended it, if one did.</param>
    public void Tell(string hash, string? endedBy)
    {
        OpenPage[] told;
        lock (_gate)
        {
            told = _pages.TryGetValue(hash, out var pages) ? [.. pages.Where(page => page.Name != endedBy)] : [];
        }

        foreach (var page in told)
        {
            page.OnEnded();
        }
    }

    private void Remove(OpenPage page)
    {
        lock (_gate)
        {
            if (_pages.TryGetValue(page.Session, out var pages) && pages.Remove(page) && pages.Count == 0)
            {
                _pages.Remove(page.Session);
            }
        }
    }

    private sealed class OpenPage(OpenPageRegistry registry, string session, string name, Action onEnded) : IDisposable
    {
        public string Session { get; } = session;

        public string Name { get; } = name;

        public Action OnEnded { get; } = onEnded;

        public void Dispose() => registry.Remove(this);
    }
}
