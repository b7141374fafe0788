using System.IO.Compression;
using System.Xml.Linq;

namespace ScaleKit.Conventions.Tests;

[Collection(PackagingCollection.Name)]
public sealed class PackageTests(PackedPackages packed)
{
    [Fact]
    public void Pack_Solution_MakesOnePackageAndOneSymbolPackageOfEach()
    {
        packed.ThrowIfNotPacked();
        var expected = Package.All.SelectMany(p => new[] { $"{p}.{packed.Version}.nupkg", $"{p}.{packed.Version}.snupkg" });
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(packed.Feed).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(7, Package.All.Count);
        Assert.EndsWith("-" + packed.Suffix, packed.Version, StringComparison.Ordinal);
    }

    [Fact]
    public void Package_Manifest_SaysWhatAUserMustKnow() => ForEach((package, archive, offences) =>
    {
        var metadata = Manifest(package, archive);
        string? Value(string name) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;
        void Check(bool holds, string rule)
        {
            if (!holds)
            {
                offences.Add($"{package}: {rule}");
            }
        }

        Check(Value("version") == packed.Version, $"has version {Value("version")}, the others {packed.Version}");
        Check(Value("license") == "MIT", $"has licence {Value("license")}");
        Check(Value("readme") == "README.md", "names no README.md");
        Check(Value("description")?.Length > 40, $"describes itself as '{Value("description")}'");
        Check(Value("tags")?.Contains("scaling", StringComparison.Ordinal) == true, "has no tags");
        foreach (var dependency in metadata.Descendants().Where(e => e.Name.LocalName == "dependency"))
        {
            var id = dependency.Attribute("id")!.Value;
            var version = dependency.Attribute("version")!.Value;
            Check(!id.StartsWith("ScaleKit.", StringComparison.Ordinal) || version == packed.Version, $"depends on {id} {version}");
            Check(!id.Contains("Analyzer", StringComparison.Ordinal) && !id.StartsWith("xunit", StringComparison.Ordinal), $"gives its users {id}");
        }
    });

    [Fact]
    public void Package_Content_IsAssemblyDocumentationAndReadme() => ForEach((package, archive, offences) =>
    {
        var names = archive.Entries.Select(entry => entry.FullName).ToHashSet(StringComparer.Ordinal);
        foreach (var name in new[] { $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml", "README.md" }.Where(name => !names.Contains(name)))
        {
            offences.Add($"{package}: no {name}");
        }

        offences.AddRange(names
            .Where(name => !name.StartsWith("lib/net10.0/" + package, StringComparison.Ordinal) && !name.StartsWith("_rels/", StringComparison.Ordinal)
                && !name.StartsWith("package/", StringComparison.Ordinal)
                && name is not "README.md" and not "[Content_Types].xml" && name != $"{package}.nuspec")
            .Select(name => $"{package}: carries {name}"));

        using var readme = new StreamReader(archive.GetEntry("README.md")!.Open());
        if (readme.ReadToEnd() != File.ReadAllText(Repository.Absolute(package.Readme)))
        {
            offences.Add($"{package}: its README.md is not {package.Readme}");
        }

        using var symbols = ZipFile.OpenRead(Path.Combine(packed.Feed, $"{package}.{packed.Version}.snupkg"));
        if (symbols.GetEntry($"lib/net10.0/{package}.pdb") is null)
        {
            offences.Add($"{package}: its symbol package has no {package}.pdb");
        }
    });

    private static XElement Manifest(Package package, ZipArchive archive)
    {
        using var stream = archive.GetEntry($"{package}.nuspec")!.Open();
        return XDocument.Load(stream).Root!.Elements().First(e => e.Name.LocalName == "metadata");
    }

    private void ForEach(Action<Package, ZipArchive, List<string>> check)
    {
        packed.ThrowIfNotPacked();
        var offences = new List<string>();
        foreach (var package in Package.All)
        {
            using var archive = ZipFile.OpenRead(Path.Combine(packed.Feed, $"{package}.{packed.Version}.nupkg"));
            check(package, archive, offences);
        }

        Offences.None(offences, "A package as its user gets it:");
    }
}
