namespace McpAspire.AuthServer.Authorize;

/// <summary>What a person answered on a form that has the boxes of <see cref="Pages.ScopeBoxes"/>.</summary>
internal static class ConsentForm
{
    /// <summary>The scopes that were given; null for a denial. Nothing ticked is nothing given: the same as a denial.</summary>
    internal static IReadOnlyList<string>? Given(IFormCollection form, IReadOnlyList<string> asked)
    {
        if (form["decision"] != "allow")
        {
            return null;
        }

        var ticked = form["scope"].OfType<string>();
        var chosen = ScopeCatalog.InFull(asked.Where(scope => ScopeCatalog.Of(scope).Consent == ConsentKind.Fixed || ticked.Contains(scope)));
        return chosen.Intersect(asked).ToArray() is { Length: > 0 } given ? given : null;
    }
}
