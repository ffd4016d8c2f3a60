using Microsoft.AspNetCore.Http.HttpResults;

namespace McpAspire.ClientWeb.Components.Pages;

/// <summary>The pages that endpoints answer with.</summary>
internal static class Page
{
    /// <summary>A page of our own that goes on to another origin.</summary>
    public static IResult Leaving(string title, string message, Uri url) =>
        new RazorComponentResult<LeavingPage>(new { Title = title, Message = message, Url = url.AbsoluteUri });

    /// <summary>A page that says what went wrong and leads back to the start.</summary>
    public static IResult Problem(int status, string title, string message) =>
        new RazorComponentResult<ProblemPage>(new { Title = title, Message = message }) { StatusCode = status };

    /// <summary>The end of a sign-out.</summary>
    public static IResult SignedOut() => new RazorComponentResult<SignedOutPage>();
}
