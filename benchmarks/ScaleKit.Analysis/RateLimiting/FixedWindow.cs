namespace ScaleKit.Analysis.RateLimiting;

/// <summary>One counter that starts anew with every window: the limit at the end of one and again at the beginning of the next.</summary>
internal sealed class FixedWindow(int limit, long window) : IWindowLimit
{
    private long _current = -1;
    private int _taken;

    public bool Take(long now)
    {
        if (now / window != _current)
        {
            (_current, _taken) = (now / window, 0);
        }

        return _taken < limit && ++_taken > 0;
    }
}
