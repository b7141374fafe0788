namespace ScaleKit.Analysis.RateLimiting;

/// <summary>
/// This window's counter and a share of the last one's, as if its permits had come evenly
/// (blog.cloudflare.com/counting-things-a-lot-of-different-things).
/// </summary>
internal sealed class TwoCounters(int limit, long window) : IWindowLimit
{
    private long _current = -1;
    private int _before;
    private int _taken;

    public bool Take(long now)
    {
        if (now / window is var number && number != _current)
        {
            (_before, _taken, _current) = (number == _current + 1 ? _taken : 0, 0, number);
        }

        var counts = (_before * (1 - (now % window / (double)window))) + _taken;
        if (counts + 1 > limit)
        {
            return false;
        }

        _taken++;
        return true;
    }
}
