using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ScaleKit.Conventions.Tests;

/// <summary>One C# fence: statements, then types, as in a program with top-level statements.</summary>
public sealed partial class Snippet(string path, int line, IReadOnlyList<string> lines, bool isRun, string? output)
{
    public string Place => $"{path}({line})";

    public bool IsRun => isRun;

    /// <summary>What the console must show, or null where the page shows no output.</summary>
    public string? Output => output;

    /// <summary>The snippet as a class of its own; the compiler's messages name the line of the page.</summary>
    public string ToSource(string name)
    {
        var usings = 0;
        while (usings < lines.Count && (lines[usings].Trim().Length == 0 || UsingDirective().IsMatch(lines[usings])))
        {
            usings++;
        }

        var types = FirstTypeLine(usings);
        var source = new StringBuilder();
        source.AppendLine("#pragma warning disable");
        Append(source, 0, usings);
        source.Append("namespace Snippets.").Append(name).AppendLine(";");
        source.AppendLine("public static class Entry {");
        source.AppendLine("public static async Task RunAsync(string[] args) {");
        Append(source, usings, types);
        source.AppendLine("await Task.CompletedTask; } }");
        Append(source, types, lines.Count);
        return source.ToString();
    }

    private int FirstTypeLine(int from)
    {
        for (var index = from; index < lines.Count; index++)
        {
            if (TypeDeclaration().IsMatch(lines[index]))
            {
                // Attributes and documentation above a type are part of it.
                while (index > from && (lines[index - 1].StartsWith('[') || lines[index - 1].StartsWith("//", StringComparison.Ordinal)))
                {
                    index--;
                }

                return index;
            }
        }

        return lines.Count;
    }

    private void Append(StringBuilder source, int from, int to)
    {
        if (from == to)
        {
            return;
        }

        source.AppendLine(CultureInfo.InvariantCulture, $"#line {line + from} \"{Repository.Absolute(path)}\"");
        for (var index = from; index < to; index++)
        {
            source.AppendLine(lines[index]);
        }

        source.AppendLine("#line default");
    }

    [GeneratedRegex(@"^using (?:static |\w+ = )?[\w.:<>, ]+;\s*(?://.*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|sealed|static|abstract|readonly|partial|ref) )*(?:class|struct|interface|enum|record|delegate) ",
        RegexOptions.CultureInvariant)]
    private static partial Regex TypeDeclaration();
}
