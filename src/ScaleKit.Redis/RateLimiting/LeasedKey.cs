using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// How many permits of one key this node takes ahead: about as many as it used in the last bucket, twice as many each time they did not last, never more than the
/// policy allows nor than an eighth of what was free. Thread-safe.
/// </summary>
internal sealed class LeasedKey(RateLimitPolicy policy, LeaseReturns returns, TimeProvider time)
{
    // Some permits must be left for the other nodes.
    private const int Share = 8;

    private readonly Lock _gate = new();
    private Lease? _lease;
    private long _bucket = -1;
    private int _free = policy.Limit;
    private int _size;
    private long _watched = -1;

    /// <summary>Permits to ask for beside those that callers wait for.</summary>
    public int Ahead
    {
        get
        {
            lock (_gate)
            {
                return Math.Min(_size, _free / Share);
            }
        }
    }

    public bool TryTake(int permits, out RateLimitDecision decision)
    {
        if (permits > 0 && Volatile.Read(ref _lease) is { } lease)
        {
            return lease.TryTake(permits, out decision);
        }

        decision = default;
        return false;
    }

    /// <summary>Takes note of what a call brought.</summary>
    /// <param name="key">This key.</param>
    /// <param name="permits">Taken ahead.</param>
    /// <param name="served">Taken for those who waited.</param>
    /// <param name="bucket">Where they count.</param>
    /// <param name="sent">When the call was sent.</param>
    /// <param name="resetAfter">What the call was told.</param>
    /// <param name="remaining">Permits that are free now.</param>
    public void Add(WindowKey key, int permits, int served, long bucket, long sent, TimeSpan resetAfter, int remaining)
    {
        lock (_gate)
        {
            if (permits + served == 0)
            {
                _free = remaining;
                return;
            }

            var former = _lease;
            var rest = former?.Close() ?? 0;
            if (bucket == _bucket)
            {
                // More was needed than there was: ask less often.
                _size = (int)Math.Min(policy.LeaseLimit, (2L * _size) + Math.Max(1, served));
            }
            else if (rest > 0)
            {
                _size = former!.Permits - rest;
            }

            (_bucket, _free, _lease) = (bucket, remaining, null);
            if (former is not null && former.Bucket != bucket)
            {
                returns.Send(key, former.Bucket, rest);
                rest = 0;
            }

            if (permits + rest > 0)
            {
                var lease = new Lease(policy, permits + rest, bucket, sent, resetAfter, remaining, time);
                Volatile.Write(ref _lease, lease);
                if (_watched != bucket)
                {
                    _watched = bucket;
                    returns.Watch(key, bucket, lease.Until);
                }
            }
        }
    }

    /// <summary>Ends what was taken in a bucket, if there is something left of it.</summary>
    /// <returns>The permits to give back.</returns>
    public int End(long bucket)
    {
        lock (_gate)
        {
            if (_lease is not { } lease || lease.Bucket != bucket)
            {
                return 0;
            }

            _lease = null;
            var rest = lease.Close();
            _size = rest > 0 ? lease.Permits - rest : _size;
            return rest;
        }
    }
}
