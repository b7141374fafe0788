using System.Text.Json;

namespace ScaleKit.Conventions.Tests;

/// <summary>
/// Packs every package once a run, under a version that no cache can know, with intermediate files of its own:
/// the tree's own build output stays as it is.
/// </summary>
public sealed class PackedPackages : IAsyncLifetime
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);
    private readonly string _home = Directory.CreateTempSubdirectory("scalekit-packages-").FullName;

    public string Suffix { get; } = "check" + Guid.NewGuid().ToString("N")[..10];

    public string Feed => Path.Combine(_home, "feed");

    /// <summary>Null when the packing went well, else what it said.</summary>
    public string? PackError { get; private set; }

    public SnippetConsumer Consumer => field ??= new SnippetConsumer(this, Path.Combine(_home, "consumer"));

    public string Version { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var filter = Path.Combine(_home, "packages.slnf");
        await File.WriteAllTextAsync(filter, JsonSerializer.Serialize(new
        {
            solution = new
            {
                path = Repository.Absolute("ScaleKit.sln"),
                projects = Package.All.Select(package => $"src\\{package.Name}\\{package.Name}.csproj"),
            },
        }));
        var (code, output) = await Dotnet.RunAsync(
            Repository.Root,
            ["pack", filter, "-c", "Release", "-o", Feed, "-nologo", "-v", "q", "-tl:off", "-p:VersionSuffix=" + Suffix, "-p:RunAnalyzers=false",
                "-p:ArtifactsPath=" + Path.Combine(_home, "build")],
            BuildLimit);
        PackError = code == 0 ? null : output;
        Version = Directory.Exists(Feed)
            ? Directory.EnumerateFiles(Feed, "ScaleKit.Sharding.*.nupkg").Select(VersionOf).FirstOrDefault("")
            : "";
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_home, recursive: true);
        return Task.CompletedTask;
    }

    public void ThrowIfNotPacked() => Assert.True(PackError is null, $"dotnet pack failed:\n{PackError}");

    private static string VersionOf(string path) => Path.GetFileNameWithoutExtension(path)["ScaleKit.Sharding.".Length..];
}
