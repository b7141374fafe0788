using Xunit.Abstractions;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// The shipping repository, ladder, repair and backfill, under every schedule of a few small situations. Each call of a store or of the journal is one event that succeeds, fails, times out with
/// or without effect, or is cut off by a crash.
/// </summary>
public sealed class ModelCheckerTests(Searches searches, ITestOutputHelper output) : IClassFixture<Searches>
{
    public static TheoryData<MigrationPhase, MigrationPhase> Pairs
    {
        get
        {
            var pairs = new TheoryData<MigrationPhase, MigrationPhase>();
            foreach (var (from, to) in Scenarios.Pairs)
            {
                pairs.Add(from, to);
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void AdjacentPair_EverySchedule_NothingLostAndEveryAnswerExplained(MigrationPhase from, MigrationPhase to) => Check(Scenarios.Of(from, to));

    [Fact]
    public void WalkOfThreeRungs_EverySchedule_NoReaderSeesLessThanTheOneBefore() => Check(Scenarios.Walks);

    [Fact]
    public void Backfill_EverySchedule_NothingSkippedOverwrittenOrResurrected() => Check(Scenarios.Backfills);

    [Fact]
    public void Fleet_InstanceAsleepDuringTwoMoves_EverySchedule_NothingLostAndEveryAnswerExplained() => Check(Scenarios.Fleets);

    [Fact]
    public void ReadShare_EverySchedule_NoReaderSeesLessThanTheOneBefore() => Check([Scenarios.ReadShare]);

    [Fact]
    public void AllSearches_Together_TwoMillionStatesWithoutAViolation()
    {
        var results = Scenarios.All.AsParallel().WithDegreeOfParallelism(Environment.ProcessorCount).Select(searches.Of).ToList();

        var (states, transitions, runs) = (results.Sum(static r => (long)r.States), results.Sum(static r => r.Transitions), results.Sum(static r => r.Runs));
        output.WriteLine($"{results.Count} searches, {results.Count(static r => r.IsComplete)} to their end: {states} states, {transitions} transitions, {runs} runs of the code");
        Assert.All(results, static result => Assert.True(result.Violation is null, result.ToString()));
        Assert.True(states >= 2_000_000, $"{states} states");
    }

    private void Check(IReadOnlyList<Scenario> scenarios)
    {
        foreach (var scenario in scenarios)
        {
            var result = searches.Of(scenario);
            output.WriteLine(result.ToString());
            Assert.True(result.Violation is null, result.ToString());
            Assert.True(result.Endings > 0 || !result.IsComplete, $"No schedule came to its end: {result}");
        }
    }
}
