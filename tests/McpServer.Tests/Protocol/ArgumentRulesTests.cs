using System.Text.Json;
using McpAspire.McpServer.Protocol;

namespace McpAspire.McpServer.Tests.Protocol;

public sealed class ArgumentRulesTests
{
    private const string Schema = """
        {
          "type": "object",
          "properties": {
            "title": { "type": "string", "minLength": 1, "maxLength": 5 },
            "count": { "type": "integer", "minimum": 1, "maximum": 10 },
            "ratio": { "type": "number" },
            "kind": { "type": ["string", "null"], "enum": ["a", "b", null] },
            "tags": { "type": "array" },
            "open": { "type": "boolean" },
            "free": true
          },
          "required": ["title"],
          "additionalProperties": false
        }
        """;

    [Theory]
    [InlineData("""{"title":"ok"}""")]
    [InlineData("""{"title":"ok","count":10,"ratio":1.5,"kind":"b","tags":[],"open":true,"free":{"x":1}}""")]
    [InlineData("""{"title":"ok","count":2.0,"ratio":3,"kind":null}""")]
    public void Good_arguments_pass(string arguments) => Assert.Empty(Check(arguments));

    [Theory]
    [InlineData("""{}""", "The argument 'title' is missing.")]
    [InlineData("""{"title":""}""", "The argument 'title' must have at least 1 characters.")]
    [InlineData("""{"title":"longer"}""", "The argument 'title' has 6 characters; at most 5 are allowed.")]
    [InlineData("""{"title":"ok","count":1.5}""", "The argument 'count' must be of type integer, not number.")]
    [InlineData("""{"title":"ok","count":0}""", "The argument 'count' must be between 1 and 10.")]
    [InlineData("""{"title":"ok","count":1e400}""", "The argument 'count' must be of type integer, not number.")]
    [InlineData("""{"title":"ok","kind":"c"}""", "The argument 'kind' must be one of: a, b, null.")]
    [InlineData("""{"title":"ok","kind":3}""", "The argument 'kind' must be of type string or null, not number.")]
    [InlineData("""{"title":"ok","tags":{}}""", "The argument 'tags' must be of type array, not object.")]
    [InlineData("""{"title":"ok","open":"yes"}""", "The argument 'open' must be of type boolean, not string.")]
    [InlineData("""{"title":"\ud800"}""", "The argument 'title' holds half of a surrogate pair: it must be Unicode text.")]
    [InlineData("""{"title":"ok","kind":"\udc00"}""", "The argument 'kind' holds half of a surrogate pair: it must be Unicode text.")]
    [InlineData("""{"title":"ok","more":1}""", "There is no argument 'more'.")]
    public void Wrong_arguments_are_named(string arguments, string fault) => Assert.Equal(fault, Assert.Single(Check(arguments)).Value);

    private static IReadOnlyDictionary<string, string> Check(string arguments)
    {
        using var schema = JsonDocument.Parse(Schema);
        using var document = JsonDocument.Parse(arguments);
        return ArgumentRules.Read(schema.RootElement).Check(
            document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value));
    }
}
