using System.Diagnostics.Metrics;

namespace ScaleKit.Migration.Tests;

/// <summary>
/// The journal forgets its last writes while the stores keep their fences and the instances what they have seen. Instances without leases look at the journal when the test says so, by <c>BeatAsync</c>: so who comes
/// first is fixed.
/// </summary>
public sealed class WitnessedStateTests
{
    private const string Document = "state:old>new";
    private readonly ForgetfulJournal _journal = new();

    public static TheoryData<MigrationPhase, MigrationPhase> Moves
    {
        get
        {
            var moves = new TheoryData<MigrationPhase, MigrationPhase>();
            for (var phase = MigrationPhase.OldOnly; phase < MigrationPhase.NewOnly; phase++)
            {
                moves.Add(phase, phase + 1);
                moves.Add(phase + 1, phase);
            }

            return moves;
        }
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public async Task Beat_JournalLostTheMove_IsGivenItBackAndTheWalkGoesOn(MigrationPhase from, MigrationPhase to)
    {
        await using var rig = new Rig();
        var (mover, other) = await TwoAsync(rig, from);
        var before = (await _journal.ReadAsync(Document))!.Revision;
        await WalkAsync(mover, to);
        await mover.UpsertAsync("k", "acknowledged in the phase that was lost");
        var seen = await _journal.ReadAsync(Document);
        _journal.Forget(Document, (int)(seen!.Revision - before));

        await mover.Ladder.BeatAsync(CancellationToken.None);
        await other.Ladder.BeatAsync(CancellationToken.None);

        Assert.Equal(mover.Ladder.State, await StateAsync());
        Assert.Equal((to, seen.Revision), (other.Ladder.Phase, other.Ladder.State.Revision));
        foreach (var end in (MigrationPhase[])[MigrationPhase.NewOnly, MigrationPhase.OldOnly])
        {
            await WalkAsync(other, end);
            Assert.Equal("acknowledged in the phase that was lost", (await other.GetAsync("k")).Value);
        }
    }

    [Fact]
    public async Task Load_JournalLostTheIntentOfAMoveWhoseFenceStands_GoesOn()
    {
        await using var rig = new Rig();
        var (mover, _) = await TwoAsync(rig, MigrationPhase.ReadNew);
        rig.Old.After = call =>
        {
            if (call == SteeredStore.Call.Fence)
            {
                _journal.Forget(Document, 1);
                throw new IOException("the answer is lost as well");
            }

            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<IOException>(() => mover.Ladder.AdvanceAsync());
        rig.Old.After = _ => Task.CompletedTask;

        await mover.UpsertAsync("k", "1");
        Assert.Equal((MigrationPhase.ReadNew, "1|1"), (mover.Ladder.Phase, await rig.BothAsync("k")));
        await WalkAsync(mover, MigrationPhase.NewSequencer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Beat_TwoHaveSeenDifferentEnds_WhoHasSeenMoreHasTheLastWord(bool lessFirst)
    {
        await using var rig = new Rig();
        var (mover, other) = await TwoAsync(rig, MigrationPhase.DualWriteBoth);
        Assert.True((await mover.Ladder.AdvanceAsync()).Moved);
        await other.Ladder.BeatAsync(CancellationToken.None);
        Assert.True((await mover.Ladder.AdvanceAsync()).Moved);
        var seen = mover.Ladder.State;
        _journal.Forget(Document, 4);

        foreach (var one in lessFirst ? [other, mover] : (DualWriteRepository<string, string>[])[mover, other])
        {
            await one.Ladder.BeatAsync(CancellationToken.None);
        }

        await other.Ladder.BeatAsync(CancellationToken.None);
        Assert.Equal((seen, seen), (await StateAsync(), other.Ladder.State));
    }

    [Fact]
    public async Task Beat_JournalFailsHalfWay_TheNextOneEndsIt()
    {
        await using var rig = new Rig();
        var (mover, other) = await TwoAsync(rig, MigrationPhase.NewSequencer);
        var seen = mover.Ladder.State;
        _journal.Forget(Document, 3);
        _journal.WritesLeft = 1;
        await Assert.ThrowsAsync<IOException>(async () => await mover.Ladder.BeatAsync(CancellationToken.None));
        _journal.WritesLeft = null;
        Assert.Equal(seen.Revision - 2, (await StateAsync()).Revision);

        await other.Ladder.BeatAsync(CancellationToken.None);

        Assert.Equal(seen, await StateAsync());
        Assert.True((await other.Ladder.AdvanceAsync()).Moved);
    }

    // Neither knows that the journal has forgotten: both moves have the same number.
    [Fact]
    public async Task Beat_AnotherMoveStandsUnderTheNumberOfTheLostOne_IsFollowed()
    {
        await using var rig = new Rig();
        var (mover, other) = await TwoAsync(rig, MigrationPhase.HelpingReads);
        Assert.True((await mover.Ladder.AdvanceAsync()).Moved);
        _journal.Forget(Document, 1);
        Assert.True((await other.Ladder.BackAsync()).Moved);
        Assert.Equal(mover.Ladder.State.Revision, other.Ladder.State.Revision);

        await mover.Ladder.BeatAsync(CancellationToken.None);

        Assert.Equal((MigrationPhase.DualWriteBoth, MigrationPhase.DualWriteBoth), (mover.Ladder.Phase, other.Ladder.Phase));
    }

    // What is written in F is not mirrored: whoever went back as if the fleet had stayed in E would lose it. The same from A.
    [Theory]
    [InlineData(MigrationPhase.NewSequencer, MigrationPhase.NewOnly, MigrationPhase.ReadNew)]
    [InlineData(MigrationPhase.DualWrite, MigrationPhase.OldOnly, MigrationPhase.DualWriteBoth)]
    public async Task MoveTo_TheOtherWayThanAMoveThatTheJournalLost_RefusedUntilItIsGivenBack(MigrationPhase from, MigrationPhase lost, MigrationPhase otherWay)
    {
        await using var rig = new Rig();
        var (mover, other) = await TwoAsync(rig, from);
        await new Backfill<string, string>(mover).RunAsync();
        await other.Ladder.BeatAsync(CancellationToken.None);
        var before = other.Ladder.State.Revision;
        Assert.True((await mover.Ladder.MoveToAsync(lost)).Moved);
        await mover.UpsertAsync("k", "in one store alone");
        _journal.Forget(Document, (int)(mover.Ladder.State.Revision - before));

        Assert.Equal(GateCondition.Undisturbed, Assert.Single((await other.Ladder.MoveToAsync(otherWay)).Missing).Condition);
        await Assert.ThrowsAsync<StoreFencedException>(async () => await other.UpsertAsync("k", "late"));
        await mover.Ladder.BeatAsync(CancellationToken.None);

        Assert.Equal("in one store alone", (await other.GetAsync("k")).Value);
        Assert.Equal(lost, other.Ladder.Phase);
    }

    [Fact]
    public async Task Beat_RevisionHasRisenSinceInTheEpochBefore_TheLaterEpochIsGivenBack()
    {
        await using var rig = new Rig();
        var (mover, other) = await TwoAsync(rig, MigrationPhase.ReadNew);
        Assert.True((await mover.Ladder.AdvanceAsync()).Moved);
        _journal.Forget(Document, 2);
        for (var rows = 1; rows <= 5; rows++)
        {
            Assert.True(await other.Ladder.RecordAsync(other.Ladder.State.Tenure, state => state with { VerifiedRows = rows }, CancellationToken.None));
        }

        await mover.Ladder.BeatAsync(CancellationToken.None);
        await other.Ladder.BeatAsync(CancellationToken.None);

        Assert.Equal((MigrationPhase.NewSequencer, mover.Ladder.State), (other.Ladder.Phase, other.Ladder.State));
    }

    [Fact]
    public async Task Beat_JournalHasFewerRevisionsButALaterEpoch_IsFollowed()
    {
        await using var rig = new Rig();
        var (mover, other) = await TwoAsync(rig, MigrationPhase.ReadNew);
        for (var rows = 1; rows <= 5; rows++)
        {
            Assert.True(await other.Ladder.RecordAsync(other.Ladder.State.Tenure, state => state with { VerifiedRows = rows }, CancellationToken.None));
        }

        _journal.Forget(Document, 5);
        Assert.True((await mover.Ladder.AdvanceAsync()).Moved);
        await other.Ladder.BeatAsync(CancellationToken.None);

        Assert.Equal((MigrationPhase.NewSequencer, mover.Ladder.State), (other.Ladder.Phase, other.Ladder.State));
    }

    [Fact]
    public async Task Beat_JournalLostMoves_ToldOnceInTheMeterAndInTheAuditLog()
    {
        await using var rig = new Rig();
        using var meters = new RecordedRestorations();
        var ladder = new MigrationLadder(rig.Old, rig.New, rig.Options, _journal, meterFactory: meters);
        await using var repository = new DualWriteRepository<string, string>(rig.Old, rig.New, ladder);
        await WalkAsync(repository, MigrationPhase.HelpingReads);
        _journal.Forget(Document, 2);

        await ladder.BeatAsync(CancellationToken.None);
        await ladder.BeatAsync(CancellationToken.None);

        Assert.Equal(1, meters.Count);
        var last = (await ladder.GetAuditAsync())[^1];
        Assert.Equal((MigrationPhase.HelpingReads, rig.Options.InstanceName), (last.To, last.Instance));
        Assert.Contains("lost", last.Reason, StringComparison.Ordinal);
        await ladder.DisposeAsync();
    }

    /// <summary>Two instances that have both seen a phase.</summary>
    private async Task<(DualWriteRepository<string, string> Mover, DualWriteRepository<string, string> Other)> TwoAsync(Rig rig, MigrationPhase phase)
    {
        var (mover, other) = (rig.NewProcess(_journal), rig.NewProcess(_journal));
        await mover.UpsertAsync("before", "1");
        await WalkAsync(mover, phase);
        await other.GetAsync("before");
        return (mover, other);
    }

    private static async Task WalkAsync(DualWriteRepository<string, string> repository, MigrationPhase phase)
    {
        var report = await new MigrationRunner<string, string>(repository).RunAsync(phase);
        Assert.True(report.Completed, string.Join(' ', report.Missing));
    }

    private async Task<MigrationState> StateAsync() => (await new StateDocument(_journal, Document).ReadAsync(CancellationToken.None))!;

    private sealed class RecordedRestorations : IMeterFactory
    {
        private readonly Meter _meter = new(MigrationDiagnostics.MeterName);
        private readonly MeterListener _listener = new();
        private long _count;

        public RecordedRestorations()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, _meter) && instrument.Name == MigrationDiagnostics.JournalRestored)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _count, value));
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public Meter Create(MeterOptions options) => _meter;

        public void Dispose()
        {
            _listener.Dispose();
            _meter.Dispose();
        }
    }
}
