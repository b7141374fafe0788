using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>
/// Tells when fewer requests than <see cref="TwoLevelCacheOptions.HitRateFloor"/> are hits of a level, and when they are a tenth more than that again: once each. Judged
/// over windows of ten seconds and a hundred requests at least, by the first request after them that is no hit in memory. Thread-safe.
/// </summary>
internal sealed class HitRateWatch(TwoLevelCacheOptions options, MonotonicClock clock, ILogger logger, Action<CacheHitRateEventArgs> raise)
{
    public const int LeastRequests = 100;
    private const double Hysteresis = 0.1;

    // Two cache lines for each processor: hits in memory must not write where another thread reads.
    private const int Stride = 16;
    private readonly long[] _localHits = new long[(Environment.ProcessorCount + 1) * Stride];
    private long _distributedHits;
    private long _misses;
    private long _countedLocal;
    private long _windowEnds = clock.After(clock.Now, Window);
    private volatile bool _isLow;
    private bool _isJudging;

    public static TimeSpan Window { get; } = TimeSpan.FromSeconds(10);

    public bool IsLow => _isLow;

    public void Count(FillSource source)
    {
        if (source == FillSource.Local)
        {
            // Not atomic on purpose: two threads that share a processor may lose a count, which a share of hundreds does not feel.
            _localHits[((Thread.GetCurrentProcessorId() % Environment.ProcessorCount) + 1) * Stride]++;
            return;
        }

        if (source == FillSource.Bypass)
            return;
        if (source == FillSource.Distributed)
            Interlocked.Increment(ref _distributedHits);
        else
            Interlocked.Increment(ref _misses);
        if (clock.Now >= Volatile.Read(ref _windowEnds))
            Judge();
    }

    private void Judge()
    {
        // One at a time, and nobody waits: who comes meanwhile leaves the window to the one that judges it.
        if (Interlocked.Exchange(ref _isJudging, true))
            return;
        var taken = TakeChange();
        Volatile.Write(ref _isJudging, false);
        if (taken is { } change)
            Tell(change);
    }

    private void Tell(CacheHitRateEventArgs change)
    {
        if (change.IsLow)
            Log.HitRateLow(logger, options.Name, change.Rate, options.HitRateFloor);
        else
            Log.HitRateBack(logger, options.Name, change.Rate);
        try
        {
            raise(change);
        }
        catch (Exception exception)
        {
            // It belongs to the application: whatever it throws must not cost anybody a value.
            Log.HandlerFailed(logger, exception, options.Name);
        }
    }

    private CacheHitRateEventArgs? TakeChange()
    {
        var now = clock.Now;
        var local = _localHits.Sum();
        var hits = local - _countedLocal + Volatile.Read(ref _distributedHits);
        var all = hits + Volatile.Read(ref _misses);
        if (now < _windowEnds || all < LeastRequests)
            return null;
        _countedLocal = local;
        Interlocked.Exchange(ref _distributedHits, 0);
        Interlocked.Exchange(ref _misses, 0);
        Volatile.Write(ref _windowEnds, clock.After(now, Window));
        var rate = (double)hits / all;
        if (_isLow ? rate < options.HitRateFloor + Hysteresis : rate >= options.HitRateFloor)
            return null;
        _isLow = !_isLow;
        return new CacheHitRateEventArgs(_isLow, rate);
    }
}
