namespace ScaleKit.Migration.Tests;

/// <summary>What the outcomes look like in a log: one line, bounded, with what a reader needs.</summary>
public sealed class ConditionTextTests
{
    private static readonly MigrationState State = new() { Phase = MigrationPhase.DualWriteBoth, Epoch = 4 };

    private static readonly UnmetCondition[] Missing =
        [.. Enumerable.Range(1, 5).Select(static number => new UnmetCondition(GateCondition.Lag, "9", "1", $"Condition {number} is not met."))];

    [Fact]
    public void Move_SaysWhereItStandsAndTheFirstThatAreMissing()
    {
        Assert.Equal("moved to DualWriteBoth, epoch 4", new MigrationMove(Moved: true, State, [], Settled: true).ToString());
        Assert.Equal(
            "stays in DualWriteBoth, epoch 4, not settled: Condition 1 is not met.", new MigrationMove(Moved: false, State, [Missing[0]], Settled: false).ToString());
        Assert.Equal(
            "stays in DualWriteBoth, epoch 4: Condition 1 is not met. Condition 2 is not met. Condition 3 is not met. And 2 more.",
            new MigrationMove(Moved: false, State, Missing, Settled: true).ToString());
    }

    [Fact]
    public void Report_SaysFromWhereToWhereAndWhatWasFound()
    {
        var verification = new VerificationReport { Compared = 1000, Missing = 2, Lost = 1 };
        var elapsed = TimeSpan.FromSeconds(90);

        Assert.Equal(
            "OldOnly to NewOnly, completed after 00:01:30, 1000 rows compared, 2 differences, 1 lost",
            new MigrationReport(MigrationPhase.OldOnly, MigrationPhase.NewOnly, Completed: true, [], Backfill: null, verification, elapsed).ToString());
        Assert.Equal(
            "OldOnly to DualWrite, stopped after 00:01:30: Condition 1 is not met.",
            new MigrationReport(MigrationPhase.OldOnly, MigrationPhase.DualWrite, Completed: false, [Missing[0]], Backfill: null, Verification: null, elapsed).ToString());
    }

    [Fact]
    public void AuditRecord_SaysWhoMovedAndInSpiteOfWhat()
    {
        var record = new MigrationAuditRecord
        {
            Number = 7,
            At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Instance = "web-1",
            From = MigrationPhase.HelpingReads,
            To = MigrationPhase.ReadNew,
            Epoch = 2,
        };

        Assert.Equal("7, 2026-01-02T03:04:05.0000000+00:00, web-1: HelpingReads to ReadNew, epoch 2", record.ToString());
        Assert.EndsWith(
            "epoch 2, overridden by Ada, because: in a\\u000Ahurry In spite of: Condition 1 is not met.",
            (record with { OverriddenBy = "Ada", Reason = "in a\nhurry", Overridden = [Missing[0]] }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ScanPage_SaysHowManyRows()
    {
        var row = new VersionedEntry<string, string>("secret", VersionedValue.Live("value", new RowVersion(1, 1)));

        Assert.Equal(("1 rows", "1 rows, more to come"), (new ScanPage<string, string>([row], HasMore: false).ToString(), new ScanPage<string, string>([row], HasMore: true).ToString()));
    }

    [Fact]
    public void Text_ManyLongConditionsOverSeveralLines_StaysOneShortLine()
    {
        var endless = Enumerable.Repeat(new UnmetCondition(GateCondition.Lag, "9", "1", "a\n" + new string('x', 100_000)), 1000).ToArray();

        var text = new MigrationMove(Moved: false, State, endless, Settled: true).ToString();

        Assert.InRange(text.Length, 600, 800);
        Assert.DoesNotContain('\n', text);
        Assert.EndsWith("And 997 more.", text, StringComparison.Ordinal);
    }
}
