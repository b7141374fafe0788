namespace ScaleKit.TestKit;

/// <summary>Bytes that a thousand calls of an action allocate on this thread, after it has been warmed up: the least of some rounds, for the runtime makes objects of its own now and then.</summary>
public static class Allocated
{
    private const int Rounds = 5;

    /// <summary>The bytes of all thousand calls together: 0, where one of them allocates nothing.</summary>
    public static long By(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Repeat(action, 100);
        var least = long.MaxValue;
        for (var round = 0; round < Rounds && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(action, 1_000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void Repeat(Action action, int times)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }
}
