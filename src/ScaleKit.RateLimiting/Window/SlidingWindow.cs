using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ScaleKit.RateLimiting;

/// <summary>
/// The permits of one key that still count. Not thread-safe: its owner holds a lock and reads the clock under it.
/// <para>
/// Each slot counts whole until one window after its <see cref="WindowSlot.End"/>, so the permits of any window of length W are all counted when its last one
/// is asked for: never more than the limit in any window. While there are at most Buckets + 1 slots each holds one instant and is exact. When they are full,
/// slots that share a bucket are joined and their End becomes the end of the bucket: a permit then returns at most one bucket late.
/// </para>
/// <para>Invariant: slots are ordered by strictly rising End; all but the last end before now; a permit's own time is never later than its slot's End.</para>
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct SlidingWindow
{
    private const int FirstSlots = 4;

    private WindowSlot[]? _slots;
    private int _used;
    private ushort _head;
    private ushort _count;

    /// <summary>Permits that counted when the window was last looked at.</summary>
    public readonly int Used => _used;

    public readonly int SlotCount => _count;

    /// <summary>Takes <paramref name="permits"/> or refuses; 0 tells whether one is free. A refusal changes nothing that a later call could notice.</summary>
    public RateLimitDecision Decide(int permits, long now, RateLimitPolicy policy)
    {
        Expire(now, policy.Window.Ticks);
        if ((long)_used + Math.Max(permits, 1) > policy.Limit)
        {
            return Refusal(Math.Max(permits, 1), now, policy);
        }

        if (permits > 0)
        {
            Take(permits, now, policy);
        }

        return RateLimitDecision.Acquired(policy, policy.Limit - _used, ResetAfter(now, policy));
    }

    /// <summary>
    /// Takes permits where the newest slot takes them and no slot has left the window, whatever the time is from <paramref name="earliest"/> to before
    /// <paramref name="latest"/>. It is then what <see cref="Decide"/> would do at any of these times, but for <see cref="RateLimitDecision.ResetAfter"/>, which is
    /// that of the earliest. No permit is dated by an inexact time.
    /// </summary>
    public bool TryJoin(int permits, long earliest, long latest, RateLimitPolicy policy, out RateLimitDecision decision)
    {
        Unsafe.SkipInit(out decision);
        if (_count == 0 || permits == 0 || (long)_used + permits > policy.Limit)
        {
            return false;
        }

        ref var last = ref At(_count - 1);
        if (last.End < latest || At(0).End + policy.Window.Ticks < latest)
        {
            return false;
        }

        _used += permits;
        last.Permits += permits;
        decision = RateLimitDecision.Acquired(policy, policy.Limit - _used, TimeSpan.FromTicks(last.End + policy.Window.Ticks - earliest));
        return true;
    }

    /// <summary>Drops the slots that left the window.</summary>
    public void Expire(long now, long windowTicks)
    {
        while (_count > 0)
        {
            ref var oldest = ref _slots![_head];
            if (now - oldest.End < windowTicks)
            {
                return;
            }

            _used -= oldest.Permits;
            DropOldest();
        }
    }

    /// <summary>
    /// Gives back permits that were taken some time ago, oldest first: none of them was taken later than what is given back, so what still counts is never less
    /// than what was used.
    /// </summary>
    public void Refund(int permits)
    {
        while (permits > 0 && _count > 0)
        {
            ref var oldest = ref At(0);
            var part = Math.Min(permits, oldest.Permits);
            oldest.Permits -= part;
            _used -= part;
            permits -= part;
            if (oldest.Permits == 0)
            {
                DropOldest();
            }
        }
    }

    /// <summary>Gives back permits that were just taken: the newest ones.</summary>
    public void Give(int permits)
    {
        while (permits > 0 && _count > 0)
        {
            ref var last = ref At(_count - 1);
            var part = Math.Min(permits, last.Permits);
            last.Permits -= part;
            _used -= part;
            permits -= part;
            if (last.Permits == 0)
            {
                _count--;
            }
        }
    }

    /// <summary>Takes permits also beyond the limit, up to twice the limit.</summary>
    public void Charge(int permits, long now, RateLimitPolicy policy)
    {
        Expire(now, policy.Window.Ticks);
        var room = (2 * (long)policy.Limit) - _used;
        if (room > 0)
        {
            Take((int)Math.Min(permits, room), now, policy);
        }
    }

    /// <summary>
    /// Fits the window to a policy of another shape. Every permit was taken by now, so none needs to count longer than from now on,
    /// even where an old, wider bucket ends later.
    /// </summary>
    public void Reshape(long now)
    {
        if (_count > 0)
        {
            ref var last = ref At(_count - 1);
            last.End = Math.Min(last.End, now);
        }
    }

    /// <summary>A window that counts everything this one counts, and shares nothing with it.</summary>
    public readonly SlidingWindow Copy()
    {
        var copy = this;
        copy._slots = (WindowSlot[]?)_slots?.Clone();
        return copy;
    }

    private void DropOldest()
    {
        _head = (ushort)(_head + 1 == _slots!.Length ? 0 : _head + 1);
        _count--;
    }

    private readonly RateLimitDecision Refusal(int permits, long now, RateLimitPolicy policy)
    {
        var missing = (long)_used + permits - policy.Limit;
        var index = 0;
        for (var freed = 0L; ; index++)
        {
            // Ends at the last slot at the latest: all slots together hold Used, and permits never exceed the limit.
            freed += At(index).Permits;
            if (freed >= missing)
            {
                break;
            }
        }

        var retryAfter = TimeSpan.FromTicks(At(index).End + policy.Window.Ticks - now);
        return RateLimitDecision.Refused(policy, Math.Max(0, policy.Limit - _used), retryAfter, ResetAfter(now, policy));
    }

    private readonly TimeSpan ResetAfter(long now, RateLimitPolicy policy) =>
        _count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(At(_count - 1).End + policy.Window.Ticks - now);

    private void Take(int permits, long now, RateLimitPolicy policy)
    {
        _used += permits;
        if (TryJoinLast(permits, now))
        {
            return;
        }

        if (_count > policy.Buckets)
        {
            // Full. Joined slots lie in distinct buckets; unless the last one now reaches over this instant, they are Buckets at most, which leaves room for one.
            Coarsen(policy.BucketTicks);
            if (TryJoinLast(permits, now))
            {
                return;
            }
        }

        if (_slots is null || _count == _slots.Length)
        {
            Grow(policy.Buckets + 1);
        }

        _count++;
        At(_count - 1) = new WindowSlot(now, permits);
    }

    private readonly bool TryJoinLast(int permits, long now)
    {
        if (_count == 0 || At(_count - 1).End < now)
        {
            return false;
        }

        At(_count - 1).Permits += permits;
        return true;
    }

    private void Coarsen(long bucketTicks)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var slot = At(i);
            slot.End = slot.End - (slot.End % bucketTicks) + bucketTicks - 1;
            if (kept > 0 && At(kept - 1).End == slot.End)
            {
                At(kept - 1).Permits += slot.Permits;
            }
            else
            {
                At(kept++) = slot;
            }
        }

        _count = (ushort)kept;
    }

    private void Grow(int maximum)
    {
        var grown = new WindowSlot[Math.Min(Math.Max(FirstSlots, _count * 2), Math.Max(maximum, _count + 1))];
        for (var i = 0; i < _count; i++)
        {
            grown[i] = At(i);
        }

        _slots = grown;
        _head = 0;
    }

    private readonly ref WindowSlot At(int index)
    {
        var at = _head + index;
        return ref _slots![at < _slots.Length ? at : at - _slots.Length];
    }
}
