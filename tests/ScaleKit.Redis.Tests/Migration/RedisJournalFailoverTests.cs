using ScaleKit.Migration;
using ScaleKit.Migration.Tests;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Migration;

/// <summary>
/// The primary that holds the journal dies with writes that its replica has not got, and the replica is promoted. The stores keep their fences. Nobody does anything about it.
/// </summary>
public sealed class RedisJournalFailoverTests : IAsyncLifetime
{
    private const string Fleet = "fleet:old>new";
    private readonly SteeredStore _old = new(new InMemoryStore<string, string>("old", values: ValueFormat.Text), "old");
    private readonly SteeredStore _new = new(new InMemoryStore<string, string>("new", values: ValueFormat.Text), "new");
    private readonly List<RedisConnection> _connections = [];
    private readonly List<DualWriteRepository<string, string>> _instances = [];
    private RedisReplicaPair _pair = null!;

    public static TheoryData<MigrationPhase, MigrationPhase> FencedMoves => new()
    {
        { MigrationPhase.OldOnly, MigrationPhase.DualWrite },
        { MigrationPhase.ReadNew, MigrationPhase.NewSequencer },
        { MigrationPhase.NewSequencer, MigrationPhase.NewOnly },
        { MigrationPhase.NewOnly, MigrationPhase.NewSequencer },
        { MigrationPhase.NewSequencer, MigrationPhase.ReadNew },
        { MigrationPhase.DualWrite, MigrationPhase.OldOnly },
    };

    public async Task InitializeAsync() => _pair = await RedisReplicaPair.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
            await instance.Ladder.DisposeAsync();
        }

        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await _pair.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(FencedMoves))]
    public async Task Failover_BetweenTheFenceAndTheNextWrite_ReplicaHasNothingOfTheMove_GoesOn(MigrationPhase from, MigrationPhase to)
    {
        var (mover, other) = await TwoAsync(from);
        await CutReplicaOffAsync();
        var sequencer = from >= MigrationPhase.NewSequencer ? _new : _old;
        sequencer.After = call => call == SteeredStore.Call.Fence ? _pair.Primary.KillAsync() : Task.CompletedTask;
        await Assert.ThrowsAsync<RedisUnavailableException>(() => mover.Ladder.MoveToAsync(to));
        sequencer.After = _ => Task.CompletedTask;

        await _pair.PromoteReplicaAsync(oldPrimaryFollows: false);

        await GoOnAsync(mover, other, to);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Failover_ReplicaLacksWholeMoves_GivenBackByWhoHasSeenThem(int moves)
    {
        var (mover, other) = await TwoAsync(MigrationPhase.HelpingReads);
        await CutReplicaOffAsync();
        for (var move = 1; move <= moves; move++)
        {
            Assert.True((await mover.Ladder.AdvanceAsync()).Settled);
            await other.UpsertAsync($"lost move {move}", "acknowledged");
        }

        var seen = mover.Ladder.Phase;
        await _pair.Primary.KillAsync();
        await _pair.PromoteReplicaAsync(oldPrimaryFollows: false);

        await Eventually.HoldsAsync(() => ReadyInAsync(mover, seen), "the one has its phase back");
        await Eventually.HoldsAsync(() => ReadyInAsync(other, seen), "so has the other");
        for (var move = 1; move <= moves; move++)
        {
            Assert.Equal("acknowledged", (await other.GetAsync($"lost move {move}")).Value);
        }

        await GoOnAsync(mover, other, seen == MigrationPhase.NewOnly ? MigrationPhase.NewSequencer : seen + 1);
    }

    [Fact]
    public async Task Failover_ReplicaLacksALease_ItsNumberIsNotGivenAgain()
    {
        var journal = NewJournal();
        await Eventually.HoldsAsync(() => AnsweredAsync(async () => await journal.TakeLeaseAsync(Fleet, "before", TimeSpan.FromHours(1))), "the journal answers");
        await CutReplicaOffAsync();
        var lost = await journal.TakeLeaseAsync(Fleet, "lost", TimeSpan.FromHours(1));
        await _pair.Primary.KillAsync();
        await _pair.PromoteReplicaAsync(oldPrimaryFollows: false);

        var next = 0L;
        await Eventually.HoldsAsync(() => AnsweredAsync(async () => next = await journal.TakeLeaseAsync(Fleet, "after", TimeSpan.FromHours(1))), "the promoted one answers");

        Assert.NotEqual(lost, next);
        Assert.False(await journal.RenewLeaseAsync(Fleet, lost, 1, TimeSpan.FromHours(1)));
    }

    /// <summary>Both answer and write, the move comes about when the other asks for it, and both stores agree in the end.</summary>
    private async Task GoOnAsync(DualWriteRepository<string, string> mover, DualWriteRepository<string, string> other, MigrationPhase to)
    {
        await Eventually.HoldsAsync(() => AnsweredAsync(async () => await mover.UpsertAsync("mover", "after the failover")), "the mover writes");
        await Eventually.HoldsAsync(() => AnsweredAsync(async () => await other.UpsertAsync("other", "after the failover")), "the other writes");
        await Eventually.HoldsAsync(
            () => AnsweredAsync(async () => _ = other.Ladder.Phase == to || (await other.Ladder.MoveToAsync(to)).Moved ? true : throw new MigrationStateException("not yet")), $"the fleet is in {to}");
        await Eventually.HoldsAsync(() => ReadyInAsync(mover, to), "the mover follows");
        var report = await new MigrationRunner<string, string>(other).RunAsync(MigrationPhase.HelpingReads);
        Assert.True(report.Completed, string.Join(' ', report.Missing));
        foreach (var key in (string[])["before", "mover", "other"])
        {
            Assert.Equal("after the failover", (await mover.GetAsync(key)).Value?.Replace("before", "after", StringComparison.Ordinal));
        }

        Assert.Equal(await _old.DigestAsync(default), await _new.DigestAsync(default));
    }

    private async Task<(DualWriteRepository<string, string> Mover, DualWriteRepository<string, string> Other)> TwoAsync(MigrationPhase phase)
    {
        var (mover, other) = (NewInstance(), NewInstance());
        await Eventually.HoldsAsync(() => AnsweredAsync(async () => await mover.UpsertAsync("before", "before the failover")), "the journal answers");
        var report = await new MigrationRunner<string, string>(mover).RunAsync(phase);
        Assert.True(report.Completed, string.Join(' ', report.Missing));
        await Eventually.HoldsAsync(() => ReadyInAsync(other, phase), "the other is there");
        return (mover, other);
    }

    /// <summary>What the primary takes from now on, the replica has not. It stays a replica until it is promoted.</summary>
    private async Task CutReplicaOffAsync()
    {
        await _pair.CatchUpAsync();
        await _pair.Replica.CommandAsync("REPLICAOF", "127.0.0.1", "1");
        await Eventually.HoldsAsync(async () => await _pair.Replica.InfoAsync("master_link_status") is "down", "the replica is cut off");
    }

    private DualWriteRepository<string, string> NewInstance() => Remember(new(_old, _new, new MigrationLadder(
        _old, _new, new MigrationOptions { LeaseDuration = TimeSpan.FromSeconds(3), VerificationRecheckDelay = TimeSpan.Zero }, NewJournal())));

    private DualWriteRepository<string, string> Remember(DualWriteRepository<string, string> instance)
    {
        _instances.Add(instance);
        return instance;
    }

    private RedisJournal NewJournal()
    {
        var connection = Connect.To(_pair.ConnectionString, static options => options.BreakerPause = TimeSpan.FromMilliseconds(500));
        _connections.Add(connection);
        return new RedisJournal(connection);
    }

    private static async ValueTask<bool> ReadyInAsync(DualWriteRepository<string, string> instance, MigrationPhase phase) =>
        (await instance.Ladder.CheckReadinessAsync()).IsReady && instance.Ladder.Phase == phase;

    private static async ValueTask<bool> AnsweredAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (Exception failure) when (failure is RedisUnavailableException or MigrationStateException)
        {
            return false;
        }
    }
}
