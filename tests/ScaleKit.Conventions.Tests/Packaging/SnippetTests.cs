namespace ScaleKit.Conventions.Tests;

/// <summary>What a page shows compiles against the packages as published, and prints what the page says it prints.</summary>
[Collection(PackagingCollection.Name)]
public sealed class SnippetTests(PackedPackages packed)
{
    [Fact]
    public void Page_Fences_AreWellFormed() =>
        Offences.None(MarkdownFile.WithCode.SelectMany(file => file.Mistakes), "A page's code is found by its fences and marks:");

    [Fact]
    public async Task Snippet_EachOfThePages_CompilesAgainstThePackages()
    {
        packed.ThrowIfNotPacked();
        var (code, output) = await packed.Consumer.BuildAsync();
        Offences.None(
            code == 0 ? [] : output.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal)).DefaultIfEmpty(output),
            "A reader who copies this code gets an error:");
    }

    [Fact]
    public async Task Snippet_MarkedRun_PrintsWhatThePageSays()
    {
        packed.ThrowIfNotPacked();
        var (built, errors) = await packed.Consumer.BuildAsync();
        Assert.True(built == 0, errors);
        var offences = new List<string>();
        foreach (var snippet in packed.Consumer.Snippets.Where(snippet => snippet.IsRun))
        {
            var (code, output) = await packed.Consumer.RunAsync(snippet);
            if (code != 0)
            {
                offences.Add($"{snippet.Place}: ended with exit code {code}\n{output}");
            }
            else if (snippet.Output is { } expected && expected.TrimEnd() != output.TrimEnd())
            {
                offences.Add($"{snippet.Place}: the page says\n{expected.TrimEnd()}\nand it printed\n{output.TrimEnd()}");
            }
        }

        Offences.None(offences, "A snippet that is run ends well and prints exactly what stands below it:");
    }
}
