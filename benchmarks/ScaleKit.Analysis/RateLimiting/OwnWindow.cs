using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.RateLimiting;

/// <summary>The library's store in memory, under a clock that goes where the traffic is.</summary>
internal sealed class OwnWindow : IWindowLimit, IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly RateLimitCharge _charge;
    private readonly InProcessRateLimitStore _store;
    private long _now;

    public OwnWindow(int limit, long window, int buckets)
    {
        _charge = new RateLimitCharge(new RateLimitPolicy("accuracy", limit, TimeSpan.FromTicks(window), buckets), "key");
        _store = new InProcessRateLimitStore(timeProvider: _clock);
    }

    public bool Take(long now)
    {
        _clock.Advance(TimeSpan.FromTicks(now - _now));
        _now = now;
        return _store.AttemptAcquire(_charge).IsAcquired;
    }

    public void Dispose() => _store.Dispose();
}
