using System.Xml.Linq;

namespace ScaleKit.Conventions.Tests;

/// <summary>The checked-out tree that the tests were built from.</summary>
public static class Repository
{
    private static readonly string[] Generated = ["bin", "obj", "artifacts", "TestResults", ".git", "node_modules"];

    public static string Root { get; } = FindRoot();

    /// <summary>File with its path relative to the root, slashes forward.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    public static string Absolute(string relative) => Path.Combine(Root, relative);

    /// <summary>Files under a folder of the repository, without what a build makes, ordered.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern)
    {
        var root = Absolute(folder);
        return !Directory.Exists(root)
            ? []
            : [.. Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories).Where(IsSource).Order(StringComparer.Ordinal)];
    }

    public static IReadOnlyList<string> Folders(string folder)
    {
        var root = Absolute(folder);
        return !Directory.Exists(root)
            ? []
            : [.. Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Where(IsSource).Order(StringComparer.Ordinal)];
    }

    /// <summary>The version of a package in Directory.Packages.props.</summary>
    public static string PinnedVersion(string package) =>
        XDocument.Load(Absolute("Directory.Packages.props")).Descendants("PackageVersion")
            .Single(item => (string?)item.Attribute("Include") == package).Attribute("Version")!.Value;

    private static bool IsSource(string path) => !Relative(path).Split('/').Any(part => Generated.Contains(part, StringComparer.Ordinal));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ScaleKit.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No ScaleKit.sln above {AppContext.BaseDirectory}: these tests check the tree that they were built in.");
    }
}
