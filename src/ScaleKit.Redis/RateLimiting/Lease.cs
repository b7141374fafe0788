using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// Permits of one key that this node took ahead. Thread-safe.
/// <para>
/// Invariant: a permit is used no later than the end of the bucket that it is counted in. It then counts until a window after that use at least, as one that was
/// taken when it was used, so no window holds more than the limit. The end is reckoned from the sending of the call that took it, on this node's monotonic clock.
/// </para>
/// </summary>
internal sealed class Lease
{
    // Clocks run differently fast, by some hundred millionths at most.
    private const int Reserve = 1024;

    private readonly RateLimitPolicy _policy;
    private readonly TimeProvider _time;
    private readonly int _remaining;
    private readonly long _reset;
    private int _left;

    /// <param name="policy">The limit.</param>
    /// <param name="permits">How many.</param>
    /// <param name="bucket">Where they count.</param>
    /// <param name="sent">When the call was sent.</param>
    /// <param name="resetAfter">What the call was told: a window after the end of the bucket all permits are free.</param>
    /// <param name="remaining">Permits that were free beside these.</param>
    /// <param name="time">The clock.</param>
    public Lease(RateLimitPolicy policy, int permits, long bucket, long sent, TimeSpan resetAfter, int remaining, TimeProvider time)
    {
        (_policy, _time, _left, Permits, Bucket, _remaining) = (policy, time, permits, permits, bucket, remaining);
        var life = Scale(resetAfter - policy.Window);
        Until = sent + life - (life / Reserve) - 1;
        _reset = sent + Scale(resetAfter);
    }

    public int Permits { get; }

    public long Bucket { get; }

    /// <summary>From this time on none is used.</summary>
    public long Until { get; }

    /// <summary>Takes permits where there are enough of them.</summary>
    public bool TryTake(int permits, out RateLimitDecision decision)
    {
        decision = default;
        var left = Volatile.Read(ref _left);
        while (left >= permits)
        {
            var seen = Interlocked.CompareExchange(ref _left, left - permits, left);
            if (seen != left)
            {
                left = seen;
                continue;
            }

            // Read after the taking: a thread that was held up before it must not use what has ended meanwhile.
            var now = _time.GetTimestamp();
            if (now >= Until)
            {
                Interlocked.Add(ref _left, permits);
                return false;
            }

            decision = RateLimitDecision.Acquired(_policy, Math.Min(_policy.Limit, _remaining + left - permits), _time.GetElapsedTime(now, _reset));
            return true;
        }

        return false;
    }

    /// <summary>Ends it.</summary>
    /// <returns>The permits that nobody used, and nobody will.</returns>
    public int Close() => Interlocked.Exchange(ref _left, 0);

    private long Scale(TimeSpan span) => (long)((Int128)span.Ticks * _time.TimestampFrequency / TimeSpan.TicksPerSecond);
}
