using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace McpAspire.LocalEngine.Tests.Model;

public sealed class ReferenceExpressionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ParameterResource Parameter(string value) => new("secret", _ => value);

    [Fact]
    public async Task Values_are_filled_in_when_asked_for()
    {
        var expression = ReferenceExpression.Create($"a={Parameter("1")};b={Parameter("2")}");
        Assert.Equal("a=1;b=2", await expression.GetValueAsync(Cancellation));
        Assert.Equal("a={secret.value};b={secret.value}", expression.ValueExpression);
    }

    [Fact]
    public async Task Braces_in_text_and_values_stay_braces()
    {
        var text = "{0}";
        var expression = ReferenceExpression.Create($"{{x}} {text} {Parameter("{1}")}");
        Assert.Equal("{x} {0} {1}", await expression.GetValueAsync(Cancellation));
    }

    [Fact]
    public async Task The_format_uri_escapes_values_and_text()
    {
        var text = "a b";
        Assert.Equal("a%20b/c%2Fd", await ReferenceExpression.Create($"{text:uri}/{Parameter("c/d"):uri}").GetValueAsync(Cancellation));
    }

    [Fact]
    public async Task Expressions_nest_and_take_builders()
    {
        var builder = TestStack.Builder();
        var inner = ReferenceExpression.Create($"<{builder.AddParameter("p", new Constant("v"))}>");
        Assert.Equal("[<v>]", await ReferenceExpression.Create($"[{inner}]").GetValueAsync(Cancellation));
    }

    [Fact]
    public async Task An_empty_expression_has_no_value() =>
        Assert.Null(await ReferenceExpression.Create($"").GetValueAsync(Cancellation));

    [Fact]
    public void An_endpoint_has_no_port_before_the_stack_runs()
    {
        var project = TestStack.Builder().AddResource(new ProjectResource("p")).WithEndpoint("http", endpoint => endpoint.UriScheme = "http");
        var error = Assert.Throws<InvalidOperationException>(() => project.GetEndpoint("http").Url);
        Assert.Contains("`http` of the resource `p`", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => project.GetEndpoint("https").EndpointAnnotation);
        Assert.Equal("{p.bindings.http.url}", ((IManifestExpressionProvider)project.GetEndpoint("http")).ValueExpression);
    }

    private sealed class Constant(string value) : ParameterDefault
    {
        public override string GetDefaultValue() => value;
    }
}
