namespace ScaleKit.RateLimiting.Tests;

/// <summary>Threads, a running sweep and keys beyond the maximum; ends in the invariant: no key took more than its limit in any window.</summary>
public sealed class InProcessRateLimitStoreSoakTests
{
    [Theory]
    [InlineData(1, 1000)]
    [InlineData(40, 1000)]
    [InlineData(40, 12)]
    public async Task AttemptAcquire_ThreadsAndSweepAtOnce_NeverMoreThanTheLimitInAnyWindow(int keys, int maximumKeys)
    {
        // Each reading of this clock is one tick later, so windows pass as fast as calls are made and idle keys come and go all the time.
        var clock = new TickingClock();
        using var store = new InProcessRateLimitStore(maximumKeys, clock);
        var policy = new RateLimitPolicy("p", 20, TimeSpan.FromTicks(10_000), 8);
        using var done = new CancellationTokenSource();
        var sweep = Task.Run(() => clock.FireUntil(done.Token));

        var taken = await Task.WhenAll(Enumerable.Range(0, 3).Select(worker => Task.Run(() => Work(store, clock, policy, keys, worker))));
        await done.CancelAsync();
        await sweep;

        var byKey = taken.SelectMany(t => t).ToLookup(t => t.Key);
        Assert.NotEmpty(byKey);
        foreach (var key in byKey)
        {
            AssertLimitHeld([.. key], policy);
        }
    }

    private static List<Taken> Work(InProcessRateLimitStore store, TickingClock clock, RateLimitPolicy policy, int keys, int seed)
    {
        var random = new Random(seed);
        var taken = new List<Taken>();
        for (var i = 0; i < 8_000; i++)
        {
            var (key, permits) = (random.Next(keys), random.Next(1, 4));
            var before = clock.GetTimestamp();
            if (store.AttemptAcquire(new RateLimitCharge(policy, "k" + key, permits)).IsAcquired)
            {
                taken.Add(new Taken(key, before, clock.GetTimestamp(), permits));
            }
        }

        return taken;
    }

    /// <summary>The moment of a decision lies between the two readings around it; what surely fell into one window is summed.</summary>
    private static void AssertLimitHeld(Taken[] taken, RateLimitPolicy policy)
    {
        Array.Sort(taken, (a, b) => a.Before.CompareTo(b.Before));
        for (var first = 0; first < taken.Length; first++)
        {
            var end = taken[first].Before + policy.Window.Ticks;
            long sum = 0;
            for (var i = first; i < taken.Length && taken[i].Before < end; i++)
            {
                sum += taken[i].After < end ? taken[i].Permits : 0;
            }

            Assert.True(sum <= policy.Limit, $"key {taken[first].Key}: {sum} permits within a window from tick {taken[first].Before}");
        }
    }

    private sealed record Taken(int Key, long Before, long After, int Permits);

    private sealed class TickingClock : TimeProvider
    {
        private long _timestamp;
        private TimerCallback? _callback;
        private object? _state;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Increment(ref _timestamp);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            return new Ignored();
        }

        public void FireUntil(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                _callback!(_state);
                Thread.Yield();
            }
        }

        private sealed class Ignored : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
