using Xunit.Abstractions;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// The shipping repository, ladder, repair and backfill, under every schedule of a few small situations. Each call of a store or of the journal is one event that succeeds, fails, times out with
/// or without effect, or is cut off by a crash.
/// </summary>
public sealed class ModelCheckerTests(ITestOutputHelper output)
{
    /// <summary>Set to <c>full</c>, the searches go on to millions of states: minutes on two idle cores.</summary>
    public const string Variable = "SCALEKIT_MODEL_CHECK";

    private static readonly bool Full = string.Equals(Environment.GetEnvironmentVariable(Variable), "full", StringComparison.OrdinalIgnoreCase);

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
    public void AdjacentPair_EverySchedule_NothingLostAndEveryAnswerExplained(MigrationPhase from, MigrationPhase to) => Check(
        Full ? [Scenarios.Small(from, to), Scenarios.Changing(from, to), Scenarios.Faulty(from, to), Scenarios.Pair(from, to)] : [Scenarios.Small(from, to)]);

    [Fact]
    public void WalkOfThreeRungs_EverySchedule_NoReaderSeesLessThanTheOneBefore() => Check(Scenarios.Walks);

    [Fact]
    public void Backfill_EverySchedule_NothingSkippedOverwrittenOrResurrected() => Check(Full ? Scenarios.Backfills : Scenarios.Backfills.Take(3));

    [Fact]
    public void Fleet_InstanceAsleepDuringTwoMoves_EverySchedule_NothingLostAndEveryAnswerExplained() => Check(Full ? Scenarios.Fleets : Scenarios.Fleets.Take(4));

    [Fact]
    public void ReadShare_EverySchedule_NoReaderSeesLessThanTheOneBefore() => Check([Scenarios.ReadShare]);

    private void Check(IEnumerable<Scenario> scenarios)
    {
        foreach (var scenario in scenarios)
        {
            var result = new Search(scenario, maximumStates: 250_000).Run(Environment.ProcessorCount);
            output.WriteLine(result.ToString());
            Assert.True(result.Violation is null, result.ToString());
            Assert.True(Full || result.IsComplete, result.ToString());
            Assert.True(result.Endings > 0 || !result.IsComplete, $"No schedule came to its end: {result}");
        }
    }
}
