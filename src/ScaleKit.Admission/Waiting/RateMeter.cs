namespace ScaleKit.Admission;

/// <summary>
/// Events per second as an exponentially weighted average over about 30 s, read from a counter that others keep. Costs nothing where the
/// events happen; the weight of a sample grows with the time it covers (as in the load average of Unix). Guarded by the queue's lock.
/// </summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan ShortestSample = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeConstant = TimeSpan.FromSeconds(30);

    private TimeSpan _sampledAt;
    private long _sampledCount;
    private double? _rate;

    /// <summary>The rate, or 0 as long as it is not known.</summary>
    /// <param name="count">Events since the beginning.</param>
    /// <param name="now">Time since the beginning.</param>
    public double PerSecond(long count, TimeSpan now)
    {
        var span = now - _sampledAt;
        if (span < ShortestSample)
        {
            return _rate ?? 0;
        }

        var sample = (count - _sampledCount) / span.TotalSeconds;
        if (_rate is { } rate)
        {
            _rate = rate + ((sample - rate) * (1 - Math.Exp(-span / TimeConstant)));
        }
        else if (count > 0)
        {
            _rate = sample;
        }

        _sampledAt = now;
        _sampledCount = count;
        return _rate ?? 0;
    }
}
