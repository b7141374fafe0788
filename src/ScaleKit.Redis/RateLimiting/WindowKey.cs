using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// What a node knows of one key under one policy: its name in Redis, its last refusal, and the calls that wait to be sent. A changed policy is
/// another object and so has no refusal. Two objects for one Redis key are harmless: the script reads the key again for each.
/// </summary>
internal sealed class WindowKey(RateLimitPolicy policy, string key, RedisName name, LeasedKey? leased = null)
{
    private Denial? _denial;
    private int _epoch;
    private long _used;
    private long _usedUntil = long.MinValue;

    public RateLimitPolicy Policy { get; } = policy;

    public string Key { get; } = key;

    public RedisName Name { get; } = name;

    /// <summary>The name as the keys of a call for this window alone. Nobody changes it.</summary>
    public RedisKeys Alone { get; } = [name];

    public WindowShape Shape { get; } = WindowShape.Of(policy);

    /// <summary>What is taken ahead; null where the policy does not allow that.</summary>
    public LeasedKey? Leased { get; } = leased;

    /// <summary>Rises when permits were given back: a refusal of a call that was sent before that may be over, however late its answer comes in.</summary>
    public int Epoch => Volatile.Read(ref _epoch);

    /// <summary>Calls that wait, oldest first. Guarded by the queue's lock.</summary>
    public Acquisition? First { get; private set; }

    private Acquisition? Last { get; set; }

    public void Deny(Denial denial) => Volatile.Write(ref _denial, denial);

    /// <summary>To be called after the permits were given back, not before: a refusal in between would last.</summary>
    public void Forget() => Interlocked.Increment(ref _epoch);

    /// <summary>What this node can tell without asking.</summary>
    public bool TryDecide(int permits, TimeProvider time, AcquireMetrics metrics, out RateLimitDecision decision)
    {
        if ((Leased is not null && Leased.TryTake(permits, out decision)) || TryRefuse(permits, time, out decision))
        {
            metrics.AnsweredHere(decision.IsAcquired);
            return true;
        }

        return false;
    }

    /// <summary>Takes note of what is used now, for the time when Redis can no longer be asked.</summary>
    public void Saw(long used, long until)
    {
        // Not as one: an estimate is all that it is for.
        Volatile.Write(ref _used, used);
        Volatile.Write(ref _usedUntil, until);
    }

    /// <summary>Permits that all nodes together had used when this one last asked, unless none of them counts any more.</summary>
    public long UsedAt(long now) => now < Volatile.Read(ref _usedUntil) ? Volatile.Read(ref _used) : 0;

    /// <summary>The outage whose local window began with what was known of this key. Guarded by the lock of <see cref="RateLimitShare"/>.</summary>
    public int KnownIn { get; set; } = -1;

    /// <summary>The refusal that is certain without asking, for exactly as many permits: more would have to wait longer.</summary>
    public bool TryRefuse(int permits, TimeProvider time, out RateLimitDecision refusal)
    {
        refusal = default;
        if (Volatile.Read(ref _denial) is not { } denial || denial.Permits != Math.Max(1, permits) || denial.Epoch != Epoch)
        {
            return false;
        }

        var now = time.GetTimestamp();
        if (now >= denial.Until)
        {
            return false;
        }

        refusal = RateLimitDecision.Refused(Policy, denial.Remaining, time.GetElapsedTime(now, denial.Free), time.GetElapsedTime(now, denial.Reset));
        return true;
    }

    /// <returns>True when it is the only one that waits.</returns>
    public bool Append_NeedsLock(Acquisition acquisition)
    {
        var isFirst = First is null;
        if (isFirst)
        {
            First = acquisition;
        }
        else
        {
            Last!.Next = acquisition;
        }

        Last = acquisition;
        return isFirst;
    }

    /// <summary>Takes those that wait, up to a number, and leaves out who was cancelled.</summary>
    /// <returns>True when some are left.</returns>
    public bool Detach_NeedsLock(List<Acquisition> to, int most)
    {
        for (var taken = 0; First is { } acquisition && taken < most; First = acquisition.Next)
        {
            if (acquisition.IsWaiting)
            {
                to.Add(acquisition);
                taken++;
            }
        }

        Last = First is null ? null : Last;
        return First is not null;
    }
}
