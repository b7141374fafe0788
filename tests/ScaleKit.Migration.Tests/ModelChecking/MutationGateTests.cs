using Xunit.Abstractions;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A proof that cannot fail is worth nothing: each guard is taken out once, and the search must find the interleaving that it was there for.</summary>
public sealed class MutationGateTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Guard.Outbox, 1, "stores differ")]
    [InlineData(Guard.ConditionalApply, 0, "stores differ")]
    [InlineData(Guard.Tombstone, 0, "stores differ")]
    [InlineData(Guard.Fence, 0, "stores differ")]
    [InlineData(Guard.Epoch, 0, "stores differ")]
    public void Backfill_WithoutGuard_ViolationFound(Guard dropped, int scenario, string violation) => Find(Scenarios.Backfills[scenario], dropped, violation);

    [Theory]
    [InlineData(Guard.OperationDrain)]
    [InlineData(Guard.OutboxDrain)]
    public void WalkOfThreeRungs_WithoutDrainBarrier_ReadInversionFound(Guard dropped) => Find(Scenarios.Walks[0], dropped, "No order of the operations explains that r");

    [Fact]
    public void Pair_WithoutOutbox_AcknowledgedWriteIsMissingFromTheMirror() =>
        Find(Scenarios.Small(MigrationPhase.DualWrite, MigrationPhase.DualWriteBoth), Guard.Outbox, "stores differ");

    [Theory]
    [InlineData(Guard.Acknowledgement, 0, "r")]
    [InlineData(Guard.SelfFence, 0, "r")]
    [InlineData(Guard.FencedPassing, 1, "m")]
    public void Fleet_WithoutGuard_ReadTooOldFound(Guard dropped, int scenario, string reader) =>
        Find(Scenarios.Fleets[scenario], dropped, $"No order of the operations explains that {reader}");

    private void Find(Scenario scenario, Guard dropped, string violation)
    {
        var result = new Search(scenario with { Dropped = dropped }).Run();

        output.WriteLine($"Without {dropped}: {result}");
        Assert.Contains(violation, result.Violation, StringComparison.Ordinal);
        Assert.NotEmpty(result.Interleaving);
    }
}
