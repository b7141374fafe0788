namespace ScaleKit.Admission;

/// <summary>
/// Waiters to be used again, a few for each thread: no other thread sees them, so nothing is guarded. A crowd that comes on one thread and is answered on
/// another finds none here and costs an allocation each.
/// </summary>
internal sealed class SpareWaiters
{
    internal const int Most = 64;

    [ThreadStatic]
    private static SpareWaiters? _mine;

    private Waiter? _top;
    private int _count;

    public static void Return(Waiter waiter)
    {
        var mine = _mine ??= new SpareWaiters();
        if (mine._count < Most)
        {
            mine._count++;
            waiter.Next = mine._top;
            mine._top = waiter;
        }
    }

    public static Waiter? Take()
    {
        if (_mine is not { _top: { } waiter } mine)
        {
            return null;
        }

        mine._count--;
        mine._top = waiter.Next;
        waiter.Next = null;
        return waiter;
    }
}
