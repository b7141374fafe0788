namespace ScaleKit.Conventions.Tests;

public sealed class PublicApiTests
{
    private const string Accept = "SCALEKIT_APPROVE_API";

    /// <summary>A change of the public API is a decision, so it is written down: in a file that the change itself carries.</summary>
    [Fact]
    public void PublicApi_OfEachPackage_IsTheApprovedText()
    {
        var differences = new List<string>();
        foreach (var package in Package.All)
        {
            var path = Repository.Absolute($"tests/ScaleKit.Conventions.Tests/Api/{package.Name}.approved.txt");
            var now = ApiText.Of(package.Assembly);
            var approved = File.Exists(path) ? File.ReadAllText(path).Replace("\r\n", "\n", StringComparison.Ordinal) : "";
            if (string.Equals(now, approved, StringComparison.Ordinal))
            {
                continue;
            }

            if (Environment.GetEnvironmentVariable(Accept) is "1")
            {
                File.WriteAllText(path, now);
            }
            else
            {
                differences.Add($"{Repository.Relative(path)}\n{Diff(approved, now)}");
            }
        }

        Assert.True(
            differences.Count == 0,
            $"The public API differs from the approved text. If that is intended, run this test once with {Accept}=1 and commit the files.\n{string.Join('\n', differences)}");
    }

    [Fact]
    public void ApiText_OfASample_ShowsWhatACallerDependsOn()
    {
        var text = ApiText.Of(typeof(PublicApiTests).Assembly);
        foreach (var line in new[]
        {
            "public sealed class DocumentedSample<TKey, TValue>",
            "public DocumentedSample(TKey key, ReadOnlySpan<char> text)",
            "public event EventHandler<DocumentedSample<TKey, TValue>.Inner<string>>? Happened",
            "public TKey Key { get; }",
            "public static string Of(MemberInfo member)",
            "public static IReadOnlyList<MarkdownFile> WithCode { get; }",
        })
        {
            Assert.Contains(line, text, StringComparison.Ordinal);
        }
    }

    private static string Diff(string approved, string now)
    {
        var before = approved.Split('\n');
        var after = now.Split('\n');
        var length = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
            {
                length[i, j] = before[i] == after[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
            }
        }

        var lines = new List<string>();
        for (int i = 0, j = 0; i < before.Length || j < after.Length;)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
            {
                (i, j) = (i + 1, j + 1);
            }
            else if (j < after.Length && (i == before.Length || length[i, j + 1] >= length[i + 1, j]))
            {
                lines.Add("+ " + after[j++]);
            }
            else
            {
                lines.Add("- " + before[i++]);
            }
        }

        return string.Join('\n', lines);
    }
}
