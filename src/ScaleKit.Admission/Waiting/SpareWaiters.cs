namespace ScaleKit.Admission;

/// <summary>
/// Waiters to be used again, a few for each thread: no other thread sees them, so nothing is guarded. A crowd that comes on one thread and is answered on
/// another finds none here and costs an allocation each.
/// </summary>
internal static class SpareWaiters
{
    internal const int Most = 64;

    [ThreadStatic]
    private static Waiter? _top;

    [ThreadStatic]
    private static int _count;

    public static void Return(Waiter waiter)
    {
        if (_count < Most)
        {
            _count++;
            waiter.Next = _top;
            _top = waiter;
        }
    }

    public static Waiter? Take()
    {
        var waiter = _top;
        if (waiter is not null)
        {
            _count--;
            _top = waiter.Next;
            waiter.Next = null;
        }

        return waiter;
    }
}
