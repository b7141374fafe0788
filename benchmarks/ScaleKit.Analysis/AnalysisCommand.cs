namespace ScaleKit.Analysis;

/// <summary>One analysis that the program can run.</summary>
/// <param name="Name">What one types.</param>
/// <param name="Summary">What it shows.</param>
/// <param name="Options">Names of its options without dashes, and their defaults.</param>
/// <param name="RunAsync">Runs it; figures and bounds go into the report.</param>
public sealed record AnalysisCommand(
    string Name, string Summary, IReadOnlyDictionary<string, string> Options, Func<AnalysisArguments, AnalysisReport, Task> RunAsync)
{
    /// <summary>One that waits for nothing.</summary>
    /// <param name="name">What one types.</param>
    /// <param name="summary">What it shows.</param>
    /// <param name="options">Names of its options without dashes, and their defaults.</param>
    /// <param name="run">Runs it; figures and bounds go into the report.</param>
    public AnalysisCommand(string name, string summary, IReadOnlyDictionary<string, string> options, Action<AnalysisArguments, AnalysisReport> run)
        : this(name, summary, options, (arguments, report) =>
        {
            run(arguments, report);
            return Task.CompletedTask;
        })
    {
    }
}
