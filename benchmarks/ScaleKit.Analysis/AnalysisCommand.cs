namespace ScaleKit.Analysis;

/// <summary>One analysis that the program can run.</summary>
/// <param name="Name">What one types.</param>
/// <param name="Summary">What it shows.</param>
/// <param name="Options">Names of its options without dashes, and their defaults.</param>
/// <param name="Run">Runs it; figures and bounds go into the report.</param>
public sealed record AnalysisCommand(
    string Name, string Summary, IReadOnlyDictionary<string, string> Options, Action<AnalysisArguments, AnalysisReport> Run);
