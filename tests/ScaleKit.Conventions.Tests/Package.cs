using System.Reflection;

namespace ScaleKit.Conventions.Tests;

/// <summary>One package of <c>src</c>: its folder, its assembly and the types that a person wrote.</summary>
public sealed class Package
{
    private Package(string name)
    {
        Name = name;
        Assembly = Assembly.Load(name);
    }

    public static IReadOnlyList<Package> All { get; } =
        [.. Repository.Files("src", "*.csproj").Select(path => new Package(Path.GetFileNameWithoutExtension(path)))];

    /// <summary>The five that know neither Redis, nor ASP.NET Core, nor each other.</summary>
    public static IReadOnlyList<string> Primitives { get; } =
        ["ScaleKit.Sharding", "ScaleKit.Caching", "ScaleKit.RateLimiting", "ScaleKit.Admission", "ScaleKit.Migration"];

    public string Name { get; }

    public Assembly Assembly { get; }

    public string Folder => "src/" + Name;

    public string Readme => Folder + "/README.md";

    /// <summary>The page of the package in <c>docs</c>.</summary>
    public string Page => Name switch
    {
        "ScaleKit.RateLimiting" => "docs/rate-limiting.md",
        _ => $"docs/{Name["ScaleKit.".Length..].ToLowerInvariant()}.md",
    };

    /// <summary>A package with nothing public yet owes no page, no approved text and no README of length.</summary>
    public bool HasPublicTypes => Assembly.GetExportedTypes().Length > 0;

    public IReadOnlyList<Type> PublicTypes => [.. Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)];

    public IEnumerable<Type> WrittenTypes => Assembly.GetTypes().Where(type => !IsGenerated(type));

    public override string ToString() => Name;

    private static bool IsGenerated(Type type)
    {
        for (var current = type; current is not null; current = current.DeclaringType)
        {
            if (current.Name.Contains('<', StringComparison.Ordinal)
                || current.GetCustomAttributesData().Any(a => a.AttributeType.Name is "CompilerGeneratedAttribute" or "GeneratedCodeAttribute"))
            {
                return true;
            }
        }

        return type.Namespace is null or "System.Runtime.CompilerServices" or "Microsoft.CodeAnalysis";
    }
}
