namespace ScaleKit.Redis;

/// <summary>
/// Objects to be used again. Each thread keeps a few of its own, which no other sees: who takes an answer mostly asks for the next one, on the same thread. What a thread
/// lacks, or has too many of, it takes from all, or gives to all: at most 1,024, the others are left to the garbage collector. Thread-safe.
/// </summary>
internal static class FreeList<T>
    where T : class
{
    private const int Most = 1_024;
    private const int MostOfThread = 64;

    private static readonly Lock Gate = new();
    private static readonly Stack<T> OfAll = new();

    [ThreadStatic]
    private static Stack<T>? t_ofThread;

    public static T? Take()
    {
        if (t_ofThread is { } own && own.TryPop(out var item))
        {
            return item;
        }

        lock (Gate)
        {
            return OfAll.TryPop(out item) ? item : null;
        }
    }

    public static void Give(T item)
    {
        var own = t_ofThread ??= new Stack<T>();
        if (own.Count < MostOfThread)
        {
            own.Push(item);
            return;
        }

        lock (Gate)
        {
            if (OfAll.Count < Most)
            {
                OfAll.Push(item);
            }
        }
    }
}
