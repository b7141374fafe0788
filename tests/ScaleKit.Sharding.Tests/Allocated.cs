namespace ScaleKit.Sharding.Tests;

/// <summary>Bytes that an action allocates on this thread, after it has been warmed up.</summary>
internal static class Allocated
{
    public static long By(Action action)
    {
        for (var i = 0; i < 100; i++)
        {
            action();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
