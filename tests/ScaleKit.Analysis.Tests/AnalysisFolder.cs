using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Tests;

/// <summary>Runs analyses with a folder of its own for their drawings, which goes with it. Times are not judged: tests run beside others, and unoptimised.</summary>
public sealed class AnalysisFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("analysis-").FullName;

    /// <summary>Names of the drawings that were made, in order.</summary>
    public IEnumerable<string> Drawings => Directory.EnumerateFiles(_path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    /// <summary>Runs one analysis.</summary>
    public Task<ProgramRun> RunAsync(params IEnumerable<string> arguments) =>
        ProgramRun.OfAsync("ScaleKit.Analysis", [.. arguments, "--out", _path, "--judge-time", "0"]);

    /// <summary>A drawing's text.</summary>
    public string Read(string drawing) => File.ReadAllText(Path.Combine(_path, drawing));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_path, recursive: true);
}
