using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace ScaleKit.RateLimiting;

/// <summary>
/// One shard of the in-process store: a chained hash table whose entries hold their window in place. Everything happens under its one lock, also the sweep,
/// so no window can be swept while a call holds it. Thread-safe.
/// </summary>
internal sealed class WindowTable(int capacity, MonotonicClock clock)
{
    private const int SmallestLength = 16;
    private const int SweepOnInsert = 8;

    // No caller may use the empty key: it is the window that a policy's keys share while the table is full.
    private const string SharedKey = "";
    private const int None = -1;

    // Held for some dozen nanoseconds: taking it is one interlocked operation, giving it back none.
    private SpinLock _gate = new(enableThreadOwnerTracking: false);
    private int[] _buckets = CreateBuckets(SmallestLength);
    private WindowEntry[] _entries = new WindowEntry[SmallestLength];
    private int _top;
    private int _free = None;
    private int _live;
    private int _shared;
    private int _cursor;

    /// <summary>Keys with a window of their own.</summary>
    public int Keys => Volatile.Read(ref _live) - Volatile.Read(ref _shared);

    /// <summary>All windows, the shared ones included.</summary>
    public int Windows => Volatile.Read(ref _live);

    /// <summary>Entries that there is memory for now.</summary>
    public int Length => Volatile.Read(ref _entries).Length;

    /// <summary>Whether anybody holds the lock.</summary>
    public bool IsHeld => _gate.IsHeld;

    /// <summary>For a caller that decides over several tables: taken in order of their index, each once.</summary>
    public void Enter(ref bool isTaken) => _gate.Enter(ref isTaken);

    public void Exit() => _gate.Exit(useMemoryBarrier: false);

    public RateLimitDecision Decide(int hash, in RateLimitCharge charge, out bool wasShared)
    {
        var isTaken = false;
        try
        {
            _gate.Enter(ref isTaken);

            // Clocks are read under the lock: the order of times is the order of decisions, and no permit is dated before the wait for the lock.
            var index = Find_NeedsLock(hash, charge.Policy, charge.Key);
            return TryJoin_NeedsLock(index, charge, out var decision, out wasShared) ? decision : Decide_NeedsLock(index, hash, charge, clock.Now, out wasShared);
        }
        finally
        {
            if (isTaken)
            {
                Exit();
            }
        }
    }

    public RateLimitDecision Decide_NeedsLock(int hash, in RateLimitCharge charge, long now, out bool wasShared) =>
        Decide_NeedsLock(Find_NeedsLock(hash, charge.Policy, charge.Key), hash, charge, now, out wasShared);

    /// <summary>Takes back what was just acquired under this same hold of the lock.</summary>
    public void Undo_NeedsLock(int hash, in RateLimitCharge charge) => _entries[FindOwnOrShared_NeedsLock(hash, charge)].Window.Give(charge.Permits);

    public void Settle(int hash, in RateLimitCharge charge, int actual)
    {
        var isTaken = false;
        try
        {
            _gate.Enter(ref isTaken);
            Settle_NeedsLock(hash, charge, actual, clock.Now);
        }
        finally
        {
            if (isTaken)
            {
                Exit();
            }
        }
    }

    /// <summary>Looks at up to <paramref name="maximum"/> entries from where the last sweep stopped and drops those whose permits all returned.</summary>
    /// <returns>False when the end of the table was reached; the next call begins anew.</returns>
    public bool Sweep(int maximum)
    {
        var isTaken = false;
        try
        {
            _gate.Enter(ref isTaken);
            var more = Sweep_NeedsLock(maximum, clock.Now);
            if (!more && _entries.Length > SmallestLength && _live < _entries.Length / 4)
            {
                Rebuild_NeedsLock(Math.Max(SmallestLength, (int)BitOperations.RoundUpToPowerOf2((uint)_live * 2)));
            }

            return more;
        }
        finally
        {
            if (isTaken)
            {
                Exit();
            }
        }
    }

    private bool TryJoin_NeedsLock(int index, in RateLimitCharge charge, out RateLimitDecision decision, out bool wasShared)
    {
        Unsafe.SkipInit(out decision);
        wasShared = false;
        return clock.HasCoarse && index != None && ReferenceEquals(_entries[index].Policy, charge.Policy) && clock.Coarse is var coarse
            && _entries[index].Window.TryJoin(charge.Permits, coarse, coarse + MonotonicClock.Slack, charge.Policy, out decision);
    }

    private RateLimitDecision Decide_NeedsLock(int index, int hash, in RateLimitCharge charge, long now, out bool wasShared)
    {
        wasShared = false;
        if (index == None)
        {
            if (charge.Permits == 0)
            {
                return PeekAbsent_NeedsLock(charge, now);
            }

            index = Add_NeedsLock(hash, charge, now, out wasShared);
        }

        ref var entry = ref _entries[index];
        if (!ReferenceEquals(entry.Policy, charge.Policy))
        {
            Adopt(ref entry, charge.Policy, now);
        }

        return entry.Window.Decide(charge.Permits, now, charge.Policy);
    }

    private void Settle_NeedsLock(int hash, in RateLimitCharge charge, int actual, long now)
    {
        var index = FindOwnOrShared_NeedsLock(hash, charge);
        if (index == None)
        {
            // Swept: all that it took has left the window. Nothing to give back, but more may be owed.
            if (actual <= charge.Permits)
            {
                return;
            }

            index = Add_NeedsLock(hash, charge, now, out _);
        }

        ref var entry = ref _entries[index];
        if (!ReferenceEquals(entry.Policy, charge.Policy))
        {
            Adopt(ref entry, charge.Policy, now);
        }

        if (actual < charge.Permits)
        {
            entry.Window.Expire(now, charge.Policy.Window.Ticks);
            entry.Window.Refund(charge.Permits - actual);
        }
        else
        {
            entry.Window.Charge(actual - charge.Permits, now, charge.Policy);
        }
    }

    private RateLimitDecision PeekAbsent_NeedsLock(in RateLimitCharge charge, long now)
    {
        // What Add would begin with, without adding.
        var window = SharedWindow_NeedsLock(charge.Policy);
        return window.Decide(0, now, charge.Policy);
    }

    private int Add_NeedsLock(int hash, in RateLimitCharge charge, long now, out bool wasShared)
    {
        wasShared = false;
        if (Keys >= capacity)
        {
            Sweep_NeedsLock(SweepOnInsert, now);
        }

        if (Keys < capacity)
        {
            // The key may have been counted in the shared window until now: it goes on from there, or it could take its limit twice.
            var begin = SharedWindow_NeedsLock(charge.Policy);
            return Insert_NeedsLock(hash, charge.Policy, charge.Key, begin);
        }

        wasShared = true;
        var sharedHash = SharedHash(charge.Policy);
        var index = Find_NeedsLock(sharedHash, charge.Policy, SharedKey);
        if (index == None)
        {
            index = Insert_NeedsLock(sharedHash, charge.Policy, SharedKey, default);
            _shared++;
        }

        return index;
    }

    private SlidingWindow SharedWindow_NeedsLock(RateLimitPolicy policy)
    {
        var index = _shared == 0 ? None : Find_NeedsLock(SharedHash(policy), policy, SharedKey);
        return index == None ? default : _entries[index].Window.Copy();
    }

    private bool Sweep_NeedsLock(int maximum, long now)
    {
        for (var looked = 0; looked < maximum; looked++, _cursor++)
        {
            if (_cursor >= _top)
            {
                _cursor = 0;
                return false;
            }

            ref var entry = ref _entries[_cursor];
            if (entry.Policy is { } policy)
            {
                entry.Window.Expire(now, policy.Window.Ticks);
                if (entry.Window.Used == 0)
                {
                    Remove_NeedsLock(_cursor);
                }
            }
        }

        return true;
    }

    private int Find_NeedsLock(int hash, RateLimitPolicy policy, string key)
    {
        for (var index = _buckets[hash & (_buckets.Length - 1)]; index != None; index = _entries[index].Next)
        {
            ref var entry = ref _entries[index];
            if (entry.Hash == hash && string.Equals(entry.Key, key, StringComparison.Ordinal)
                && (ReferenceEquals(entry.Policy, policy) || string.Equals(entry.Policy!.Name, policy.Name, StringComparison.Ordinal)))
            {
                return index;
            }
        }

        return None;
    }

    private int FindOwnOrShared_NeedsLock(int hash, in RateLimitCharge charge)
    {
        var index = Find_NeedsLock(hash, charge.Policy, charge.Key);
        return index == None ? Find_NeedsLock(SharedHash(charge.Policy), charge.Policy, SharedKey) : index;
    }

    private int Insert_NeedsLock(int hash, RateLimitPolicy policy, string key, SlidingWindow window)
    {
        var index = _free;
        if (index != None)
        {
            _free = _entries[index].Next;
        }
        else
        {
            if (_top == _entries.Length)
            {
                Rebuild_NeedsLock(_entries.Length * 2);
            }

            index = _top++;
        }

        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        _entries[index] = new WindowEntry { Hash = hash, Next = bucket, Policy = policy, Key = key, Window = window };
        bucket = index;
        _live++;
        return index;
    }

    private void Remove_NeedsLock(int index)
    {
        ref var entry = ref _entries[index];
        ref var link = ref _buckets[entry.Hash & (_buckets.Length - 1)];
        while (link != index)
        {
            link = ref _entries[link].Next;
        }

        link = entry.Next;
        if (entry.Key.Length == 0)
        {
            _shared--;
        }

        entry = new WindowEntry { Next = _free };
        _free = index;
        _live--;
    }

    /// <summary>Moves the live entries to tables of <paramref name="length"/>, a power of two, without gaps.</summary>
    private void Rebuild_NeedsLock(int length)
    {
        Debug.Assert(length >= _live, "every live entry has a place");
        var entries = new WindowEntry[length];
        var buckets = CreateBuckets(length);
        var top = 0;
        for (var i = 0; i < _top; i++)
        {
            if (_entries[i].Policy is not null)
            {
                ref var bucket = ref buckets[_entries[i].Hash & (length - 1)];
                entries[top] = _entries[i];
                entries[top].Next = bucket;
                bucket = top++;
            }
        }

        _buckets = buckets;
        Volatile.Write(ref _entries, entries);
        _top = top;
        _free = None;
        _cursor = 0;
    }

    private static void Adopt(ref WindowEntry entry, RateLimitPolicy policy, long now)
    {
        if (!policy.HasShapeOf(entry.Policy!))
        {
            entry.Window.Reshape(now);
        }

        entry.Policy = policy;
    }

    private static int SharedHash(RateLimitPolicy policy) => policy.NameHash;

    private static int[] CreateBuckets(int length)
    {
        var buckets = new int[length];
        Array.Fill(buckets, None);
        return buckets;
    }
}
