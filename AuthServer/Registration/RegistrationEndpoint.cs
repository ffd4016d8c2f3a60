using System.Text.Json;
using System.Text.Json.Serialization;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Limits;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Registration;

/// <summary>
/// <c>/connect/register</c> (RFC 7591 §3): open, without initial token and without management afterwards. The same
/// public client again has its id again and counts against no limit, so that many people behind one address can start
/// the same program.
/// </summary>
internal sealed class RegistrationEndpoint(
    ClientRegistration registration, RegistrationStore store, NetworkLimit limit, RequestSource source, RegistrationOptions options, AuditLog audit)
{
    private static readonly TimeSpan TryAgainWhenFull = TimeSpan.FromMinutes(10);

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    internal async Task<IResult> RegisterAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Pragma = "no-cache";
        try
        {
            return await TakeAsync(context);
        }
        catch (ClientRefusedException exception)
        {
            return await TooManyAsync(context) ?? Refuse(StatusCodes.Status400BadRequest, exception.Error, exception.Message);
        }
    }

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        var metadata = await ReadAsync(context);
        var descriptor = registration.Describe(metadata, RandomId.New(), RegistrationTerms.Registered);
        if (await store.FindSameAsync(descriptor, context.RequestAborted) is { } same)
        {
            return Answer(same, metadata);
        }

        if (await TooManyAsync(context) is { } refusal)
        {
            return refusal;
        }

        if (!await store.HasRoomAsync(context.RequestAborted))
        {
            return RetryLater(
                context, StatusCodes.Status503ServiceUnavailable, TryAgainWhenFull,
                "So many clients registered in the last hour that there is no room for another. Try again later, or use a client ID metadata document.");
        }

        var client = await store.AddAsync(descriptor, context.RequestAborted);
        audit.ClientRegistered(client.ClientId, descriptor.DisplayName, source.Network);
        return Answer(client, metadata);
    }

    private static async Task<ClientMetadata> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new ClientRefusedException("Send the client metadata as a JSON object, with the content type application/json.");
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return ClientMetadata.Parse(body.GetBuffer().AsSpan(0, (int)body.Length), "client metadata");
    }

    private async Task<IResult?> TooManyAsync(HttpContext context) =>
        await limit.TryAsync("register", options.PerMinute) is { } wait
            ? RetryLater(
                context, StatusCodes.Status429TooManyRequests, wait,
                $"More than {options.PerMinute} clients a minute were registered from this address. Try again in a minute.")
            : null;

    private IResult RetryLater(HttpContext context, int status, TimeSpan wait, string why)
    {
        TooManyRequests.SayWhen(context.Response, wait);
        return Refuse(status, "temporarily_unavailable", why);
    }

    private IResult Refuse(int status, string error, string why)
    {
        audit.RegistrationRefused(source.Network, error, why);
        return Results.Json(new { error, error_description = why }, statusCode: status);
    }

    private static IResult Answer(RegisteredClient client, ClientMetadata asked) =>
        Results.Json(RegistrationAnswer.Of(client, asked), Json, statusCode: StatusCodes.Status201Created);
}
