namespace ScaleKit.Analysis.RateLimiting;

/// <summary>The time of every permit: exact, and as large as the limit.</summary>
internal sealed class ExactLog(int limit, long window) : IWindowLimit
{
    private readonly Queue<long> _taken = new();

    public bool Take(long now)
    {
        while (_taken.TryPeek(out var oldest) && now - oldest >= window)
        {
            _taken.Dequeue();
        }

        if (_taken.Count == limit)
        {
            return false;
        }

        _taken.Enqueue(now);
        return true;
    }
}
