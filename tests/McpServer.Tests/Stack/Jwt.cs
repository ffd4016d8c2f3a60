using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Tests.Stack;

/// <summary>A JWT put together by hand, so that a test can make it wrong in any way.</summary>
internal sealed class Jwt
{
    public JsonObject Header { get; } = [];

    public JsonObject Payload { get; } = [];

    public string Sign(SigningKey key)
    {
        Header["alg"] ??= key.Alg;
        Header["kid"] ??= key.Kid;
        var text = Text();
        return $"{text}.{Base64UrlEncoder.Encode(key.Sign(text))}";
    }

    public string Unsigned()
    {
        Header["alg"] = "none";
        return Text() + ".";
    }

    /// <summary>The key confusion attack: the public key used as a shared secret.</summary>
    public string SignHs256With(SigningKey key)
    {
        Header["alg"] = "HS256";
        Header["kid"] = key.Kid;
        var text = Text();
        return $"{text}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(key.PublicBytes(), Encoding.ASCII.GetBytes(text)))}";
    }

    private string Text() => $"{Base64UrlEncoder.Encode(Header.ToJsonString())}.{Base64UrlEncoder.Encode(Payload.ToJsonString())}";
}
