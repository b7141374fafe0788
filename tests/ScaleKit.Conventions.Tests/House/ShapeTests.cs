using System.Reflection;
using System.Text.RegularExpressions;

namespace ScaleKit.Conventions.Tests;

public sealed partial class ShapeTests
{
    private const BindingFlags MembersOfItsOwn = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly string[] ForbiddenNames = ["Utils", "Util", "Utilities", "Helpers", "Helper", "Common", "Internal", "Misc"];

    /// <summary>File and the reason that a reviewer accepted.</summary>
    private static readonly Dictionary<string, string> LongFiles = new(StringComparer.Ordinal)
    {
        ["src/ScaleKit.Redis/Admission/Seats.lua"] = "One decision over all nodes is one script, and scripts in Redis have no modules.",
    };

    [Fact]
    public void Package_EveryFolderOfSrc_IsOneOfTheSeven() =>
        Assert.Equal(
            [.. Package.Primitives.Concat(["ScaleKit.AspNetCore", "ScaleKit.Redis"]).Order(StringComparer.Ordinal)],
            Package.All.Select(package => package.Name));

    [Fact]
    public void Class_Concrete_IsSealed() => Offences.None(
        from package in Package.All
        from type in package.WrittenTypes
        where type is { IsClass: true, IsSealed: false, IsAbstract: false }
        where !typeof(Exception).IsAssignableFrom(type) && !type.Name.EndsWith("Options", StringComparison.Ordinal)
        select $"{type.FullName} in {package}",
        "A concrete class is sealed; only exceptions and options stay open:");

    [Fact]
    public void PublicType_Namespace_IsThePackageOrTheHomeOfExtensions() => Offences.None(
        from package in Package.All
        from type in package.PublicTypes
        where !IsAllowedNamespace(package, type.Namespace, type.Name, type is { IsAbstract: true, IsSealed: true })
        select $"{type.FullName} in {package}",
        "A public type's namespace is its package; static *Extensions classes may sit where the framework looks for them:");

    [Fact]
    public void SourceFile_Namespace_IsFileScopedAndThePackage() => Offences.None(
        from package in Package.All
        from path in Repository.Files(package.Folder, "*.cs")
        let found = NamespaceLine().Match(File.ReadAllText(path))
        let name = Path.GetFileNameWithoutExtension(path)
        where !HasOnlyAssemblyAttributes(path)
        where !found.Success || !IsAllowedNamespace(package, found.Groups[1].Value, name, isStatic: true)
        select $"{Repository.Relative(path)}: {(found.Success ? found.Groups[1].Value : "no file-scoped namespace")}",
        "A folder is a role and adds nothing to the namespace:");

    [Fact]
    public void SourceFile_PublicTypes_IsOneNamedLikeTheFile() => Offences.None(
        from path in Repository.Files("src", "*.cs")
        let types = PublicType().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value).ToList()
        let file = Path.GetFileName(path).Split('.')[0]
        where types.Count > 1 || (types.Count == 1 && !string.Equals(types[0], file, StringComparison.Ordinal))
        select $"{Repository.Relative(path)}: {string.Join(", ", types)}",
        "One public type a file, and the file is named after it:");

    /// <summary>The scan above reads text; this proves that it sees every type that the compiler saw.</summary>
    [Fact]
    public void PublicType_Exported_IsFoundBySourceScan()
    {
        var scanned = Repository.Files("src", "*.cs")
            .SelectMany(path => PublicType().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);
        Offences.None(
            from package in Package.All
            from type in package.PublicTypes
            where !type.IsNested && !scanned.Contains(type.Name.Split('`')[0])
            select $"{type.FullName} in {package}",
            "A public type starts at the beginning of a line in a file of its package:");
    }

    [Fact]
    public void SourceFile_Length_IsAtMost350Lines() => Offences.None(
        from path in Repository.Files("src", "*.cs").Concat(Repository.Files("src", "*.lua"))
        let lines = File.ReadLines(path).Count()
        where lines > 350 && !LongFiles.ContainsKey(Repository.Relative(path))
        select $"{Repository.Relative(path)}: {lines} lines",
        "A file has at most 350 lines, or a reason in the list of this test:");

    [Fact]
    public void Name_OfFolderFileOrType_SaysWhatItIs() => Offences.None(
        new[] { "src", "tests", "benchmarks", "samples" }
            .SelectMany(root => Repository.Folders(root).Concat(Repository.Files(root, "*.cs")))
            .Select(Repository.Relative)
            .Where(path => path.Split('/').Any(part => ForbiddenNames.Any(word => IsNamed(Path.GetFileNameWithoutExtension(part), word)))),
        $"Nothing is called {string.Join(", ", ForbiddenNames)}:");

    [Fact]
    public void SourceFile_Text_HasNoRegions() => Offences.None(
        from path in Repository.Files("src", "*.cs")
        from line in File.ReadLines(path)
        where line.TrimStart().StartsWith("#region", StringComparison.Ordinal)
        select Repository.Relative(path),
        "A file that needs regions needs to be two files:");

    [Fact]
    public void Record_WithAListPublic_SaysItselfWhatItPrints() => Offences.None(
        from package in Package.All
        from type in package.PublicTypes
        where type.GetMethod("PrintMembers", MembersOfItsOwn) is not null
        where type.GetProperties().Any(property => property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(System.Collections.IEnumerable)))
        where type.GetMethod("ToString", MembersOfItsOwn, [])!.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false)
        select $"{type.FullName} in {package}",
        "The compiler's ToString prints the type of a list, not what is in it:");

    private static bool IsNamed(string name, string word) =>
        string.Equals(name, word, StringComparison.OrdinalIgnoreCase)
        || (word.Length > 4 && name.EndsWith(word, StringComparison.Ordinal) && word is not ("Common" or "Internal"));

    private static bool IsAllowedNamespace(Package package, string? name, string type, bool isStatic) =>
        string.Equals(name, package.Name, StringComparison.Ordinal)
        || (isStatic && type.EndsWith("Extensions", StringComparison.Ordinal)
            && (name is "Microsoft.Extensions.DependencyInjection"
                || (name is "Microsoft.AspNetCore.Builder" && package.Name is "ScaleKit.AspNetCore")));

    private static bool HasOnlyAssemblyAttributes(string path) =>
        File.ReadLines(path).All(line => line.Length == 0 || line.StartsWith("using ", StringComparison.Ordinal)
            || line.StartsWith("[assembly:", StringComparison.Ordinal) || line.StartsWith("//", StringComparison.Ordinal));

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(
        @"^public (?:(?:sealed|static|abstract|readonly|partial|ref|unsafe|new) )*(?:class|struct|interface|enum|record struct|record class|record|delegate [\w<>?,. \[\]]+?) (\w+)",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex PublicType();
}
