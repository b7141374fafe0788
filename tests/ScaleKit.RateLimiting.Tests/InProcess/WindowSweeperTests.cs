using System.Runtime.CompilerServices;
using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

/// <summary>Not beside other tests: memory is measured for the whole process.</summary>
[Collection(nameof(WindowSweeperTests))]
[CollectionDefinition(nameof(WindowSweeperTests), DisableParallelization = true)]
public sealed class WindowSweeperTests
{
    private static readonly RateLimitPolicy Policy = new("p", 1, TimeSpan.FromMinutes(1));
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Sweep_AMillionIdleKeys_MemoryReturnsInBoundedSteps()
    {
        const int Million = 1_000_000;
        using var store = new InProcessRateLimitStore(2 * Million, _clock);
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        Fill(store, Million);
        Assert.Equal(Million, store.Keys);
        Assert.Equal(1, _clock.ArmedTimers);
        var full = GC.GetTotalMemory(forceFullCollection: true) - empty;

        _clock.Advance(Policy.Window);
        var ticks = 0;
        for (var before = store.Keys; before > 0; before = store.Keys, ticks++)
        {
            _clock.Advance(WindowSweeper.Interval);
            Assert.InRange(before - store.Keys, 0, WindowSweeper.WindowsPerTick);
            Assert.True(ticks < 200, $"{store.Keys} keys are still there after {ticks} ticks");
        }

        _clock.Advance(3 * WindowSweeper.Interval);
        var after = GC.GetTotalMemory(forceFullCollection: true) - empty;
        Assert.True(full < 300L * Million, $"a million keys took {full} bytes");
        Assert.True(after < full / 20, $"{after} of {full} bytes are still held");
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public void Sweep_KeyStillCounts_IsKept()
    {
        using var store = new InProcessRateLimitStore(timeProvider: _clock);
        store.AttemptAcquire(new RateLimitCharge(Policy, "k"));

        _clock.Advance(Policy.Window - TimeSpan.FromTicks(1));

        Assert.Equal(1, store.Keys);
        Assert.False(store.AttemptAcquire(new RateLimitCharge(Policy, "k")).IsAcquired);
    }

    [Fact]
    public void Arm_KeysComeAfterAnIdleTime_AreSweptAgain()
    {
        using var store = new InProcessRateLimitStore(timeProvider: _clock);
        for (var round = 0; round < 3; round++)
        {
            store.AttemptAcquire(new RateLimitCharge(Policy, "k" + round));
            Assert.Equal((1, 1), (store.Keys, _clock.ArmedTimers));

            _clock.Advance(Policy.Window + (2 * WindowSweeper.Interval));
            Assert.Equal((0, 0), (store.Keys, _clock.ArmedTimers));
        }
    }

    [Fact]
    public void Dispose_ArmedTimer_IsGone()
    {
        var store = new InProcessRateLimitStore(timeProvider: _clock);
        store.AttemptAcquire(new RateLimitCharge(Policy, "k"));

        store.Dispose();
        store.AttemptAcquire(new RateLimitCharge(Policy, "l"));

        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public void Store_ForgottenWithoutDispose_IsCollected()
    {
        var store = Forget(_clock);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(store.TryGetTarget(out _));
        _clock.Advance(5 * WindowSweeper.Interval);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<WindowSweeper> Forget(ManualTimeProvider clock)
    {
        var tables = new[] { new WindowTable(10, new MonotonicClock(clock)) };
        var sweeper = new WindowSweeper(tables, clock, static () => { });
        sweeper.Arm();
        return new WeakReference<WindowSweeper>(sweeper);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(InProcessRateLimitStore store, int keys)
    {
        for (var i = 0; i < keys; i++)
        {
            store.AttemptAcquire(new RateLimitCharge(Policy, "user-" + i));
        }
    }
}
