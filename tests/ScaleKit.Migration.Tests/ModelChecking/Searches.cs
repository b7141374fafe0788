using System.Collections.Concurrent;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The searches of a test run: each is done once, whoever asks for it.</summary>
public sealed class Searches
{
    /// <summary>Set to <c>full</c>, no search stops before its end: minutes, and gigabytes of memory.</summary>
    public const string Variable = "SCALEKIT_MODEL_CHECK";

    /// <summary>Where a search stops, at the end of the layer in which it gets there.</summary>
    private const int StatesMaximum = 150_000;
    private static readonly bool Full = string.Equals(Environment.GetEnvironmentVariable(Variable), "full", StringComparison.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Lazy<SearchResult>> _results = new(StringComparer.Ordinal);

    internal SearchResult Of(Scenario scenario) =>
        _results.GetOrAdd(scenario.Name, _ => new(() => new Search(scenario, Full ? int.MaxValue : StatesMaximum).Run())).Value;
}
