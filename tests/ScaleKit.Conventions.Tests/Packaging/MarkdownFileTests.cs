namespace ScaleKit.Conventions.Tests;

public sealed class MarkdownFileTests
{
    private const string Page = """
        # A page

        <!-- run -->
        ```csharp
        using System.Text;

        Console.WriteLine(new Greeting("x"));

        /// <summary>Documented.</summary>
        [Serializable]
        public sealed record Greeting(string Name);
        ```
        It prints:

        ```text
        Greeting { Name = x }
        ```

        ```csharp
        static int Twice(int x) => 2 * x;
        ```
        """;

    [Fact]
    public void Parse_PageWithRunMark_FindsSnippetLineAndOutput()
    {
        var file = MarkdownFile.Parse("page.md", Page);
        Assert.Empty(file.Mistakes);
        Assert.Collection(
            file.Snippets,
            first =>
            {
                Assert.True(first.IsRun);
                Assert.Equal("page.md(5)", first.Place);
                Assert.Equal("Greeting { Name = x }", first.Output);
            },
            second =>
            {
                Assert.False(second.IsRun);
                Assert.Null(second.Output);
            });
    }

    [Fact]
    public void ToSource_UsingsStatementsTypes_LandWhereTheCompilerWantsThem()
    {
        var source = MarkdownFile.Parse("page.md", Page).Snippets[0].ToSource("S000");
        var order = new[] { "using System.Text;", "namespace Snippets.S000;", "Console.WriteLine", "await Task.CompletedTask", "/// <summary>", "[Serializable]", "public sealed record" }
            .Select(part => source.IndexOf(part, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
        Assert.Contains("#line 7 ", source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!-- run -->\n\n```csharp\n```", "directly before")]
    [InlineData("<!-- run -->\n```json\n```", "directly before")]
    [InlineData("```csharp\nvar x = 1;", "never closed")]
    [InlineData("```cs\n```", "written csharp")]
    public void Parse_BrokenPage_NamesTheMistake(string text, string mistake) =>
        Assert.Contains(mistake, Assert.Single(MarkdownFile.Parse("page.md", text).Mistakes), StringComparison.Ordinal);

    [Fact]
    public void Parse_TwoLinesOfProseBeforeText_IsNotTheOutput()
    {
        var file = MarkdownFile.Parse("page.md", "<!-- run -->\n```csharp\n```\none\n\ntwo\n```text\nx\n```");
        Assert.Null(Assert.Single(file.Snippets).Output);
    }
}
