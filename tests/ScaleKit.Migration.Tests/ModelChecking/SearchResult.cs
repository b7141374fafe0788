using System.Globalization;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What a search has seen.</summary>
internal sealed record SearchResult(
    Scenario Scenario, int States, long Transitions, long Runs, int Endings, int Depth, bool IsComplete, string? Violation, IReadOnlyList<string> Interleaving)
{
    public override string ToString()
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Scenario.Name,-34} {States,9} states {Transitions,10} transitions {Runs,9} runs of the code {Endings,6} endings, {Depth,3} steps, {(IsComplete ? "complete" : "every schedule so long")}");
        return Violation is null ? line : $"{line}{Environment.NewLine}{Violation}{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", Interleaving)}";
    }
}
