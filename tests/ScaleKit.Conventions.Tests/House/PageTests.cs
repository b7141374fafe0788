using System.Text.RegularExpressions;

namespace ScaleKit.Conventions.Tests;

/// <summary>A README for every package, a page for every package, and every promise on it names the test that keeps it.</summary>
public sealed partial class PageTests
{
    private static readonly string[] Headings =
        ["About", "Usage", "Defaults", "Guarantees", "Failure modes", "Telemetry", "Cost", "When not to use"];

    [Fact]
    public void Readme_OfEachPackage_IsItsOwn()
    {
        var texts = Package.All.Select(package => (package, text: File.ReadAllText(Repository.Absolute(package.Readme)))).ToList();
        Offences.None(
            from entry in texts
            where !entry.text.StartsWith($"# {entry.package.Name}\n", StringComparison.Ordinal)
                || texts.Any(other => other.package != entry.package && SharedLines(entry.text, other.text) > 0.5)
            select entry.package.Readme,
            "A package README begins with the package's name and shares less than half its lines with any other:");
    }

    [Fact]
    public void Readme_OfPackageWithTypes_HasInstallLineRunnableCodeAndLink() => Offences.None(
        from package in Package.All
        where package.HasPublicTypes
        let text = File.ReadAllText(Repository.Absolute(package.Readme))
        from missing in new[] { $"dotnet add package {package.Name}", "<!-- run -->\n```csharp", package.Page }
        where !text.Contains(missing, StringComparison.Ordinal)
        select $"{package.Readme}: no {missing.Replace("\n", " ", StringComparison.Ordinal)}",
        "A package README says how to install, shows code that runs, and links to its page:");

    [Fact]
    public void Page_OfEachPackage_HasTheFixedHeadings() => Offences.None(
        from package in Package.All
        where package.HasPublicTypes || File.Exists(Repository.Absolute(package.Page))
        let found = HeadingsOf(package.Page).ToList()
        where !found.SequenceEqual(Headings, StringComparer.Ordinal)
        select $"{package.Page}: {(found.Count == 0 ? "missing" : string.Join(", ", found))}",
        $"The page of a package has these headings, in this order: {string.Join(", ", Headings)}");

    [Fact]
    public void Page_EachGuarantee_NamesATestThatExists()
    {
        var tests = Tests();
        Offences.None(
            from package in Package.All
            where File.Exists(Repository.Absolute(package.Page))
            from item in ItemsOf(Section(package.Page, "Guarantees"))
            let named = TestName().Matches(item).Select(match => match.Groups[1].Value).ToList()
            where named.Count == 0 || named.Exists(name => !tests.Contains(name))
            select $"{package.Page}: {item}",
            "A guarantee names, in backticks, the test or the test class that proves it:");
    }

    [Fact]
    public void Page_AnyTestClassThatIsNamed_Exists()
    {
        var tests = Tests();
        Offences.None(
            from path in Repository.Files("docs", "*.md").Append(Repository.Absolute("README.md")).Append(Repository.Absolute("ARCHITECTURE.md"))
            from Match named in TestName().Matches(File.ReadAllText(path))
            let name = named.Groups[1].Value
            where name.EndsWith("Tests", StringComparison.Ordinal) && !tests.Contains(name)
            select $"{Repository.Relative(path)}: {name}",
            "A test class that a page names is there:");
    }

    [Fact]
    public void ListOfGuarantees_EachRow_NamesWhatProvesIt() => Offences.None(
        from line in File.ReadLines(Repository.Absolute("docs/guarantees.md"))
        where line.StartsWith("| ", StringComparison.Ordinal) && line != "| primitive | guarantee | proven by |"
        let proof = line.Split('|')[3]
        where !proof.Contains("Tests`", StringComparison.Ordinal) && !TestName().IsMatch(proof) && !TestFolder().IsMatch(proof) && !proof.Contains("`dotnet run ", StringComparison.Ordinal)
        select line,
        "A row of docs/guarantees.md names a test, the tests of a project or a command:");

    /// <summary>Methods, and classes by their files.</summary>
    private static HashSet<string> Tests() => Repository.Files("tests", "*.cs")
        .SelectMany(path => TestMethod().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)
            .Append(Path.GetFileNameWithoutExtension(path)))
        .ToHashSet(StringComparer.Ordinal);

    private static double SharedLines(string text, string other)
    {
        var mine = text.Split('\n').Where(line => line.Length > 20).ToHashSet(StringComparer.Ordinal);
        return mine.Count == 0 ? 1 : (double)mine.Intersect(other.Split('\n'), StringComparer.Ordinal).Count() / mine.Count;
    }

    private static IEnumerable<string> HeadingsOf(string page) =>
        File.Exists(Repository.Absolute(page))
            ? MarkdownFile.Read(page).ProseLines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..].Trim())
            : [];

    private static List<string> Section(string page, string heading) =>
        [.. MarkdownFile.Read(page).ProseLines.SkipWhile(line => line.Trim() != "## " + heading).Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))];

    /// <summary>List items with their continuation lines, and the data rows of tables.</summary>
    private static List<string> ItemsOf(List<string> lines)
    {
        var items = new List<string>();
        var open = false;
        for (var index = 0; index < lines.Count; index++)
        {
            var line = lines[index];
            if (line.StartsWith('|'))
            {
                open = false;
                var isHeader = index + 1 < lines.Count && TableRule().IsMatch(lines[index + 1]);
                if (!isHeader && !TableRule().IsMatch(line))
                {
                    items.Add(line);
                }
            }
            else if (ListItem().IsMatch(line))
            {
                items.Add(line);
                open = true;
            }
            else
            {
                open = open && line.Length > 0 && char.IsWhiteSpace(line[0]);
                if (open)
                {
                    items[^1] += " " + line.Trim();
                }
            }
        }

        return items;
    }

    [GeneratedRegex(@"^(?:[-*]|\d+\.) ", RegexOptions.CultureInvariant)]
    private static partial Regex ListItem();

    [GeneratedRegex(@"^\|[\s:|-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex TableRule();

    [GeneratedRegex(@"`(?:\w+\.)?(\w+_\w+|\w+Tests)`", RegexOptions.CultureInvariant)]
    private static partial Regex TestName();

    [GeneratedRegex(@"`tests/ScaleKit\.\w+\.Tests`", RegexOptions.CultureInvariant)]
    private static partial Regex TestFolder();

    [GeneratedRegex(@"^\s+public (?:async )?(?:Task|ValueTask|void) (\w+_\w+)\(", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex TestMethod();
}
