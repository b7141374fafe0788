using System.Reflection;
using System.Text.RegularExpressions;

namespace ScaleKit.Conventions.Tests;

/// <summary>The page of all instruments holds what the code defines, no more and no less, each with the unit that the code gives it.</summary>
public sealed partial class ObservabilityPageTests
{
    private const string Path = "docs/observability.md";

    private static readonly string Page = File.ReadAllText(Repository.Absolute(Path));

    [Fact]
    public void Page_EachMeterInstrumentAndTag_IsOnIt() => Offences.None(
        from field in Constants()
        let value = (string)field.GetRawConstantValue()!
        where field.Name is "MeterName"
            ? !Page.Contains($"\n## {value}\n", StringComparison.Ordinal)
            : IsName(field) && !Page.Contains($"`{value}`", StringComparison.Ordinal)
        select $"{field.DeclaringType!.Name}.{field.Name}: {value}",
        $"What a package measures stands in {Path}:");

    [Fact]
    public void Page_EachName_IsDefinedByAPackage()
    {
        var defined = Constants().Select(field => (string)field.GetRawConstantValue()!).ToHashSet(StringComparer.Ordinal);
        Offences.None(
            from Match match in Named().Matches(Page)
            where !defined.Contains(match.Groups[1].Value)
            select match.Groups[1].Value,
            $"{Path} names what no package defines:");
    }

    [Fact]
    public void Page_EachInstrument_HasTheUnitOfTheCode()
    {
        var source = string.Join('\n', Repository.Files("src", "*.cs").Select(File.ReadAllText));
        Offences.None(
            from field in Constants()
            where IsName(field) && !field.Name.EndsWith("Tag", StringComparison.Ordinal) && !IsActivity(field)
            let made = Regex.Match(source, $@"\b{field.DeclaringType!.Name}\.{field.Name},[^;""]*""([^""]+)""", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10))
            let row = Page.Split('\n').FirstOrDefault(line => line.StartsWith($"| `{field.GetRawConstantValue()}` |", StringComparison.Ordinal))
            where !made.Success || row?.Split('|')[3].Trim() != made.Groups[1].Value
            select $"{field.GetRawConstantValue()}: the code has '{made.Groups[1].Value}', the page {row ?? "no row"}",
            $"An instrument has a row in {Path} with its unit:");
    }

    [Fact]
    public void Page_EachInstrument_HasAnAlertOrSaysWhyNone() => Offences.None(
        from line in Page.Split('\n')
        where line.StartsWith("| `scalekit.", StringComparison.Ordinal)
        let cells = line.Split('|')
        where cells.Length == 8 && cells[6].Trim().Length == 0
        select line,
        $"An instrument in {Path} has an alert worth having, or 'none' with the reason:");

    [Fact]
    public void Page_EachActivity_HasARowUnderItsSourceThatTellsAllItsTags() => Offences.None(
        from field in Constants()
        where IsActivity(field)
        let section = Page.Split("\n## ").FirstOrDefault(part => part.StartsWith($"{field.DeclaringType!.GetField("ActivitySourceName")!.GetRawConstantValue()}\n", StringComparison.Ordinal))
        let row = section?.Split('\n').FirstOrDefault(line => line.StartsWith($"| `{field.GetRawConstantValue()}` |", StringComparison.Ordinal))
        where row is null || row.Split('|') is not [_, _, var tags, { Length: > 10 }, _] || tags.Trim().Length == 0
        select $"{field.GetRawConstantValue()}: {row ?? "no row"}",
        $"An activity has a row in {Path}, with its tags and its meaning, in the section of its source:");

    private static bool IsActivity(FieldInfo field) => field.Name.EndsWith("Activity", StringComparison.Ordinal);

    // A tag's values and a policy's name are constants of these classes too; they are no names of theirs.
    private static bool IsName(FieldInfo field) =>
        field.Name.EndsWith("Tag", StringComparison.Ordinal) || ((string)field.GetRawConstantValue()!).StartsWith("scalekit.", StringComparison.Ordinal);

    private static IEnumerable<FieldInfo> Constants() =>
        from package in Package.All
        from type in package.PublicTypes
        where type.Name.EndsWith("Diagnostics", StringComparison.Ordinal)
        from field in type.GetFields(BindingFlags.Public | BindingFlags.Static)
        where field.IsLiteral && field.FieldType == typeof(string)
        select field;

    [GeneratedRegex(@"`(scalekit\.[a-z0-9_.]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
