namespace ScaleKit.Analysis.RateLimiting;

/// <summary>The generic cell rate algorithm (ITU-T I.371) with a burst of the whole limit, which is what its users ask of it: one time is all its state.</summary>
internal sealed class Gcra(int limit, long window) : IWindowLimit
{
    private readonly long _interval = window / limit;
    private long _expected;

    public bool Take(long now)
    {
        var expected = Math.Max(_expected, now);
        if (expected + _interval - now > window)
        {
            return false;
        }

        _expected = expected + _interval;
        return true;
    }
}
