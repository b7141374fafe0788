using System.Runtime.CompilerServices;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class StoreSweeperTests
{
    [Fact]
    public void Timer_StoreForgottenWithoutDispose_LetsItGoAndEnds()
    {
        var time = new ManualTimeProvider();
        var store = Forget(time);
        for (var i = 0; i < 20 && store.IsAlive; i++)
            GC.Collect();
        Assert.False(store.IsAlive);
        Assert.Equal(1, time.ArmedTimers);

        time.Advance(StoreSweeper.Period);

        Assert.Equal(0, time.ArmedTimers);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forget(TimeProvider time) => new(Stores.S3Fifo(time: time));
}
