namespace ScaleKit.Conventions.Tests;

/// <summary>A Markdown file taken apart: prose, and the fences that hold C#.</summary>
public sealed class MarkdownFile
{
    private const string RunMark = "<!-- run -->";
    private readonly List<Fence> _fences = [];
    private readonly List<string> _prose = [];

    private MarkdownFile(string path, string[] lines)
    {
        Path = path;
        Split(lines);
    }

    /// <summary>Relative to the root of the repository.</summary>
    public string Path { get; }

    /// <summary>Every line outside a fence.</summary>
    public IReadOnlyList<string> ProseLines => _prose;

    /// <summary>What cannot be a snippet as it stands, for example a mark without a fence.</summary>
    public List<string> Mistakes { get; } = [];

    public List<Snippet> Snippets { get; } = [];

    /// <summary>The files whose code a reader would copy.</summary>
    public static IReadOnlyList<MarkdownFile> WithCode { get; } =
    [
        .. new[] { "README.md", "ARCHITECTURE.md" }.Where(path => File.Exists(Repository.Absolute(path)))
            .Concat(Repository.Files("docs", "*.md").Concat(Repository.Files("src", "README.md")).Select(Repository.Relative))
            .Select(Read),
    ];

    public static MarkdownFile Read(string path) => Parse(path, File.ReadAllText(Repository.Absolute(path)));

    public static MarkdownFile Parse(string path, string text) =>
        new(path, text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n'));

    private void Split(string[] lines)
    {
        Fence? open = null;
        var run = false;
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index];
            var trimmed = line.TrimStart();
            if (open is not null)
            {
                if (trimmed.TrimEnd() == open.Mark)
                {
                    _fences.Add(open);
                    open = null;
                }
                else
                {
                    open.Lines.Add(Unindent(line, open.Indent));
                }
            }
            else if (trimmed.StartsWith("```", StringComparison.Ordinal))
            {
                var mark = trimmed[..trimmed.TakeWhile(c => c == '`').Count()];
                open = new Fence(mark, trimmed[mark.Length..].Trim(), index + 1, line.Length - trimmed.Length, run, _prose.Count);
                run = false;
            }
            else
            {
                run = Mark(line, index, run);
                _prose.Add(line);
            }
        }

        if (open is not null)
        {
            Mistakes.Add($"{Path}({open.Line}): the fence is never closed");
        }

        Collect();
    }

    private bool Mark(string line, int index, bool run)
    {
        if (line.Trim() == RunMark)
        {
            return true;
        }

        if (run)
        {
            Mistakes.Add($"{Path}({index}): {RunMark} stands directly before a csharp fence");
        }

        return false;
    }

    private void Collect()
    {
        for (var index = 0; index < _fences.Count; index++)
        {
            var fence = _fences[index];
            if (fence.Language is "cs" or "c#" or "C#" or "CSharp")
            {
                Mistakes.Add($"{Path}({fence.Line}): the language of a C# fence is written csharp, or it is not compiled");
            }
            else if (fence.Language is not "csharp" && fence.Run)
            {
                Mistakes.Add($"{Path}({fence.Line}): {RunMark} stands directly before a csharp fence");
            }

            if (fence.Language is "csharp")
            {
                var output = fence.Run && index + 1 < _fences.Count ? OutputOf(fence, _fences[index + 1]) : null;
                Snippets.Add(new Snippet(Path, fence.Line + 1, fence.Lines, fence.Run, output));
            }
        }
    }

    /// <summary>The next fence is the output when it is text and at most one line of prose stands between.</summary>
    private string? OutputOf(Fence code, Fence next)
    {
        var between = _prose[code.ProseBefore..next.ProseBefore].Count(line => line.Trim().Length > 0);
        return next.Language is "text" && between <= 1 ? string.Join('\n', next.Lines) : null;
    }

    private static string Unindent(string line, int indent)
    {
        var blank = line.TakeWhile(char.IsWhiteSpace).Take(indent).Count();
        return line[blank..];
    }

    private sealed record Fence(string Mark, string Language, int Line, int Indent, bool Run, int ProseBefore)
    {
        public List<string> Lines { get; } = [];
    }
}
