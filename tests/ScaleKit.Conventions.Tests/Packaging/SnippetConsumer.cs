using System.Globalization;
using System.Text;

namespace ScaleKit.Conventions.Tests;

/// <summary>A stranger's project, outside the tree: it knows the packed packages and the code of the pages, nothing else of ours.</summary>
public sealed class SnippetConsumer(PackedPackages packed, string folder)
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(2);

    // What the pages assume that a user has beside our packages: no package of ours brings a database provider.
    private static readonly string[] UsersOwn = ["Microsoft.Data.Sqlite", "SQLitePCLRaw.bundle_e_sqlite3"];
    private readonly List<Snippet> _snippets = [.. MarkdownFile.WithCode.SelectMany(file => file.Snippets)];
    private Task<(int ExitCode, string Output)>? _build;

    public IReadOnlyList<Snippet> Snippets => _snippets;

    /// <summary>Compiles all snippets in one project, once.</summary>
    public Task<(int ExitCode, string Output)> BuildAsync() => _build ??= BuildOnceAsync();

    public async Task<(int ExitCode, string Output)> RunAsync(Snippet snippet)
    {
        var work = Path.Combine(folder, "work", NameOf(snippet));
        Directory.CreateDirectory(work);
        return await Dotnet.RunAsync(work, [Path.Combine(folder, "out", "Consumer.dll"), NameOf(snippet)], RunLimit);
    }

    private string NameOf(Snippet snippet) => "S" + _snippets.IndexOf(snippet).ToString("000", CultureInfo.InvariantCulture);

    private async Task<(int ExitCode, string Output)> BuildOnceAsync()
    {
        Directory.CreateDirectory(folder);
        await WriteProjectAsync();
        foreach (var snippet in _snippets)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, NameOf(snippet) + ".cs"), snippet.ToSource(NameOf(snippet)));
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), Program());
        var (_, cache) = await Dotnet.RunAsync(folder, ["nuget", "locals", "global-packages", "--list"], BuildLimit);
        await WriteNuGetConfigAsync(cache.Split(": ", 2)[^1].Trim());
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["NUGET_PACKAGES"] = Path.Combine(folder, "packages") };
        var (code, output) = await Dotnet.RunAsync(
            folder, ["build", "Consumer.csproj", "-c", "Release", "-o", "out", "-nologo", "-v", "q", "-tl:off", "-clp:NoSummary"], BuildLimit, environment);
        return (code, output.Replace(Repository.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
    }

    private async Task WriteProjectAsync()
    {
        // Empty files of these names end the search that would otherwise climb into somebody else's settings.
        foreach (var name in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), "<Project />");
        }

        var references = string.Concat(Package.All.Select(p => $"""    <PackageReference Include="{p}" Version="[{packed.Version}]" />{"\n"}"""));
        references += string.Concat(UsersOwn.Select(name => $"""    <PackageReference Include="{name}" Version="{Repository.PinnedVersion(name)}" />{"\n"}"""));
        await File.WriteAllTextAsync(Path.Combine(folder, "Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
                <InvariantGlobalization>true</InvariantGlobalization>
                <RunAnalyzers>false</RunAnalyzers>
                <NoWarn>$(NoWarn);NU1603</NoWarn>
              </PropertyGroup>
              <ItemGroup>
            {references}  </ItemGroup>
            </Project>
            """);
    }

    /// <summary>The fallback folder is the machine's package cache, read only: what is there need not be fetched, and ours never lands in it.</summary>
    private Task WriteNuGetConfigAsync(string cache) => File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"""
        <?xml version="1.0" encoding="utf-8"?>
        <configuration>
          <packageSources>
            <add key="packed" value="{packed.Feed}" />
            <add key="sdk-feed" value="{Repository.Absolute("artifacts/feed")}" />
          </packageSources>
          <fallbackPackageFolders>
            <add key="machine" value="{cache}" />
          </fallbackPackageFolders>
        </configuration>
        """);

    private string Program()
    {
        var text = new StringBuilder("switch (args[0])\n{\n");
        foreach (var snippet in _snippets.Where(snippet => snippet.IsRun))
        {
            text.Append(CultureInfo.InvariantCulture, $"    case \"{NameOf(snippet)}\": await Snippets.{NameOf(snippet)}.Entry.RunAsync([]); break;\n");
        }

        return text.Append("    default: throw new ArgumentException(args[0]);\n}\n").ToString();
    }
}
