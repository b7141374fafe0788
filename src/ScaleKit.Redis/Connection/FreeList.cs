namespace ScaleKit.Redis;

/// <summary>Objects to be used again, at most 1,024; what is given beyond that is left to the garbage collector. Thread-safe.</summary>
internal sealed class FreeList<T>
    where T : class
{
    private const int Most = 1_024;
    private readonly Lock _gate = new();
    private readonly Stack<T> _free = new();

    public T? Take()
    {
        lock (_gate)
        {
            return _free.TryPop(out var item) ? item : null;
        }
    }

    public void Give(T item)
    {
        lock (_gate)
        {
            if (_free.Count < Most)
            {
                _free.Push(item);
            }
        }
    }
}
