using System.Diagnostics.Metrics;
using FsCheck;
using FsCheck.Fluent;
using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

public sealed class InProcessRateLimitStoreTests : RateLimitStoreContract, IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly InProcessRateLimitStore _store;

    public InProcessRateLimitStoreTests() => _store = new InProcessRateLimitStore(timeProvider: _clock);

    protected override IRateLimitStore Store => _store;

    public void Dispose() => _store.Dispose();

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public void AttemptAcquire_AnyTrafficOverSeveralKeys_EachKeyKeepsItsLimit() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(Traffic.Any, traffic =>
        {
            var clock = new ManualTimeProvider();
            using var store = new InProcessRateLimitStore(maximumKeys: 3, clock);
            var logs = Enumerable.Range(0, 6).Select(_ => new ExactLog()).ToArray();
            for (var i = 0; i < traffic.Calls.Count; i++)
            {
                // Six keys in a store of three: some have a window of their own, some share one, some change over.
                var (call, key) = (traffic.Calls[i], (i * i) % 6);
                clock.Advance(TimeSpan.FromTicks(call.Pause));
                if (store.AttemptAcquire(new RateLimitCharge(traffic.Policy, "k" + key, call.Permits)).IsAcquired)
                {
                    logs[key].Add(clock.GetTimestamp(), call.Permits);
                }
            }

            return logs.All(log => log.MaximumInAnyWindow(traffic.Policy.Window.Ticks) <= traffic.Policy.Limit);
        }));

    [Fact]
    public void AttemptAcquire_WallClockJumps_ChangesNothing()
    {
        var policy = new RateLimitPolicy("p", 2, TimeSpan.FromMinutes(1));
        var charge = new RateLimitCharge(policy, "k", 2);
        _store.AttemptAcquire(charge);
        foreach (var jump in (int[])[5, -10, 400_000, -800_000])
        {
            _clock.JumpWallClock(TimeSpan.FromHours(jump));
            Assert.Equal(TimeSpan.FromMinutes(1), _store.AttemptAcquire(charge).RetryAfter);
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_store.AttemptAcquire(charge).IsAcquired);
    }

    [Fact]
    public void AttemptAcquire_WindowBecomesShorter_PermitsCountUnderTheShorterOne()
    {
        // One bucket of an hour, and more instants than slots: the last slot reaches to the end of the hour.
        var longer = new RateLimitCharge(new RateLimitPolicy("p", 5, TimeSpan.FromHours(1), 1), "k");
        for (var i = 0; i < 5; i++)
        {
            _store.AttemptAcquire(longer);
            _clock.Advance(TimeSpan.FromTicks(1));
        }

        var shorter = new RateLimitCharge(new RateLimitPolicy("p", 5, TimeSpan.FromSeconds(10), 1), "k", 5);

        Assert.Equal(TimeSpan.FromSeconds(10), _store.AttemptAcquire(shorter).RetryAfter);

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(_store.AttemptAcquire(shorter).IsAcquired);
    }

    [Fact]
    public void AttemptAcquire_MoreKeysThanMaximum_OldKeysKeepTheirsAndNewOnesShare()
    {
        using var store = new InProcessRateLimitStore(maximumKeys: 2, _clock);
        var policy = new RateLimitPolicy("p", 3, TimeSpan.FromMinutes(1));
        store.AttemptAcquire(new RateLimitCharge(policy, "old1"));
        store.AttemptAcquire(new RateLimitCharge(policy, "old2"));

        var acquired = Enumerable.Range(0, 1000).Count(i => store.AttemptAcquire(new RateLimitCharge(policy, "new" + i)).IsAcquired);

        Assert.Equal(3, acquired);
        Assert.Equal(2, store.Keys);
        Assert.Equal(1, store.AttemptAcquire(new RateLimitCharge(policy, "old1")).Remaining);
        Assert.Equal(16, store.Length);
    }

    [Fact]
    public void AttemptAcquire_KeyGetsAWindowOfItsOwnAfterSharing_TakesItsLimitOnce()
    {
        // Without carrying the shared count over, "k" would take 3 while the table is full and 3 more a moment later, in one window.
        using var store = new InProcessRateLimitStore(maximumKeys: 1, _clock);
        var (brief, policy) = (new RateLimitPolicy("brief", 1, TimeSpan.FromSeconds(1)), new RateLimitPolicy("p", 3, TimeSpan.FromMinutes(1)));
        store.AttemptAcquire(new RateLimitCharge(brief, "filler"));
        Assert.True(store.AttemptAcquire(new RateLimitCharge(policy, "k", 3)).IsAcquired);

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(store.AttemptAcquire(new RateLimitCharge(policy, "k")).IsAcquired);
        Assert.Equal(0, store.AttemptAcquire(new RateLimitCharge(policy, "k", 0)).Remaining);
        Assert.Equal(1, store.Keys);
    }

    [Fact]
    public void AttemptAcquire_KnownKeyAcquiredOrRefused_AllocatesNothing()
    {
        using var store = new InProcessRateLimitStore();
        var charge = new RateLimitCharge(new RateLimitPolicy("p", 50, TimeSpan.FromHours(1)), "k");
        Assert.Equal(0, Allocated.By(() => store.AttemptAcquire(charge)));
        charge = new RateLimitCharge(new RateLimitPolicy("q", 1_000_000, TimeSpan.FromHours(1)), "k");
        Assert.Equal(0, Allocated.By(() => store.AttemptAcquire(charge)));
    }

    [Fact]
    public void AttemptAcquire_AnyKey_ReadsTheClockUnderTheLockOfItsShard()
    {
        // Read before, a permit would be dated before the wait for the lock and leave its window too early.
        var clock = new ProbingClock();
        var table = new WindowTable(10, new MonotonicClock(clock));
        clock.OnRead = () => clock.LockWasHeld = table.IsHeld;

        table.Decide(1, new RateLimitCharge(new RateLimitPolicy("p", 1, TimeSpan.FromSeconds(1)), "k"), out _);

        Assert.True(clock.LockWasHeld);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AttemptAcquireAll_ChargesInAnyOrder_TakesTheLockOfTheLowerShardFirst(bool reversed)
    {
        // One caller that holds the higher lock and waits for the lower, and one the other way round, would wait for each other for ever.
        var policy = new RateLimitPolicy("p", 1, TimeSpan.FromMinutes(1));
        var charges = Enumerable.Range(0, 100).Select(i => new RateLimitCharge(policy, "k" + i)).DistinctBy(c => _store.IndexOf(c)).Take(2)
            .OrderBy(c => _store.IndexOf(c)).ToArray();
        var (lower, higher) = (_store.Tables[_store.IndexOf(charges[0])], _store.Tables[_store.IndexOf(charges[1])]);
        if (reversed)
        {
            Array.Reverse(charges);
        }

        var isTaken = false;
        lower.Enter(ref isTaken);
        var caller = new Thread(() => _store.AttemptAcquireAll(charges)) { IsBackground = true };
        caller.Start();

        // One that waits spins and, after a while, sleeps.
        await Eventually.HoldsAsync(() => caller.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "the caller waits for the lower lock");
        var higherIsFree = !higher.IsHeld;
        lower.Exit();

        Assert.True(higherIsFree);
        Assert.True(caller.Join(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void AttemptAcquireAll_ChargesOfOneShard_TakesItsLockOnce()
    {
        var policy = new RateLimitPolicy("p", 5, TimeSpan.FromMinutes(1));
        RateLimitCharge[] charges = [new(policy, "k", 2), new(policy, "k", 2)];

        Assert.Equal(1, _store.AttemptAcquireAll(charges).Remaining);

        var table = _store.Tables[_store.IndexOf(charges[0])];
        Assert.False(table.IsHeld);
    }

    [Fact]
    public void Decide_KeysOfOneHash_CountApart()
    {
        var table = new WindowTable(10, new MonotonicClock(_clock));
        var (a, b) = (new RateLimitPolicy("a", 1, TimeSpan.FromSeconds(1)), new RateLimitPolicy("b", 1, TimeSpan.FromSeconds(1)));
        RateLimitCharge[] charges = [new(a, "k"), new(a, "K"), new(b, "k"), new(b, "kk")];

        Assert.All(charges, charge => Assert.True(table.Decide(7, charge, out _).IsAcquired));
        Assert.All(charges, charge => Assert.False(table.Decide(7, charge, out _).IsAcquired));
        Assert.False(table.Decide(7, new RateLimitCharge(new RateLimitPolicy("a", 1, TimeSpan.FromSeconds(1)), "k"), out _).IsAcquired);
    }

    [Fact]
    public void Keys_Observed_AreReportedWithoutAnyTag()
    {
        var reported = new List<(string Name, long Value, int Tags)>();
        using var listener = new MeterListener();
        using var store = new InProcessRateLimitStore(maximumKeys: 1, _clock);
        var policy = new RateLimitPolicy("p", 1, TimeSpan.FromMinutes(1));
        store.AttemptAcquire(new RateLimitCharge(policy, "a"));
        store.AttemptAcquire(new RateLimitCharge(policy, "b"));
        store.AttemptAcquire(new RateLimitCharge(policy, "c"));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Report(instrument, value, tags.Length));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Report(instrument, value, tags.Length));
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, store.Meter))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.Start();

        listener.RecordObservableInstruments();

        Assert.Equal([(RateLimitingDiagnostics.Keys, 1, 0), (RateLimitingDiagnostics.SharedRequests, 2, 0)], reported.OrderBy(r => r.Name));

        void Report(Instrument instrument, long value, int tags) => reported.Add((instrument.Name, value, tags));
    }

    [Fact]
    public void Sharing_BeginsAndEnds_IsLoggedOnceEach()
    {
        var logs = new RecordedLog();
        using var store = new InProcessRateLimitStore(maximumKeys: 20, _clock, logs);
        var policy = new RateLimitPolicy("p", 1, TimeSpan.FromSeconds(5));
        for (var i = 0; i < 200; i++)
        {
            store.AttemptAcquire(new RateLimitCharge(policy, "secret" + i));
        }

        Assert.Equal(4, Assert.Single(logs.Entries).Event.Id);

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([4, 5], logs.Entries.Select(e => e.Event.Id));
        Assert.DoesNotContain(logs.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(100_000_001)]
    public void Constructor_MaximumKeysOutOfRange_NamesItAndTheRange(int maximumKeys)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new InProcessRateLimitStore(maximumKeys));
        Assert.Contains($"MaximumKeys is {maximumKeys}; it must be 1 to 100,000,000", error.Message, StringComparison.Ordinal);
    }

    private sealed class ProbingClock : TimeProvider
    {
        public Action? OnRead { get; set; }

        public bool LockWasHeld { get; set; }

        public override long GetTimestamp()
        {
            OnRead?.Invoke();
            return 0;
        }
    }
}
