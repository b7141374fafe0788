using System.Numerics;

namespace ScaleKit.Admission;

/// <summary>
/// All deadlines on one timer: a hashed timing wheel (Varghese and Lauck, SOSP 1987, scheme 6). Adding and removing are O(1); a deadline fires at
/// the first tick at or after it. The timer is armed for the next occupied slot only, so an empty line costs no wake-ups. Guarded by the queue's lock.
/// </summary>
internal sealed class DeadlineWheel(Action<TimeSpan> arm)
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private const int Slots = 1024;
    private const long NotArmed = long.MaxValue;

    private readonly Waiter?[] _slots = new Waiter?[Slots];
    private readonly ulong[] _occupied = new ulong[Slots / 64];
    private long _cursor;
    private long _armedFor = NotArmed;

    /// <summary>Waiters that have a deadline.</summary>
    public int Count { get; private set; }

    /// <param name="waiter">The waiter.</param>
    /// <param name="now">Time since the queue was made.</param>
    /// <param name="deadline">The wait that is allowed from now on.</param>
    public void Add(Waiter waiter, TimeSpan now, TimeSpan deadline)
    {
        if (Count++ == 0)
        {
            _cursor = Math.Max(_cursor, now.Ticks / Tick.Ticks);
        }

        var due = Math.Max(((now + deadline).Ticks + Tick.Ticks - 1) / Tick.Ticks, _cursor + 1);
        var slot = (int)(due % Slots);
        waiter.DueTick = due;
        waiter.WheelNext = _slots[slot];
        _ = waiter.WheelNext?.WheelPrevious = waiter;
        _slots[slot] = waiter;
        _occupied[slot >> 6] |= 1UL << (slot & 63);

        // A waiter that is due in a later round is visited, and passed over, once a round.
        Arm(_cursor + 1 + ((due - _cursor - 1) % Slots), now);
    }

    /// <summary>Takes a waiter off. The timer stays as it is: one wake-up that finds nothing is cheaper than arming on every departure.</summary>
    public void Remove(Waiter waiter)
    {
        if (waiter.DueTick == 0)
        {
            return;
        }

        var slot = (int)(waiter.DueTick % Slots);
        _ = waiter.WheelPrevious is null ? _slots[slot] = waiter.WheelNext : waiter.WheelPrevious.WheelNext = waiter.WheelNext;
        _ = waiter.WheelNext?.WheelPrevious = waiter.WheelPrevious;
        if (_slots[slot] is null)
        {
            _occupied[slot >> 6] &= ~(1UL << (slot & 63));
        }

        waiter.WheelPrevious = null;
        waiter.WheelNext = null;
        waiter.DueTick = 0;
        Count--;
    }

    /// <summary>Hands every waiter whose deadline has passed to <paramref name="expired"/>, then arms the timer for the next occupied slot.</summary>
    public void Turn(TimeSpan now, Action<Waiter> expired)
    {
        _armedFor = NotArmed;
        var tick = now.Ticks / Tick.Ticks;
        for (var visited = 0; visited < Slots && _cursor < tick && Count > 0; visited++)
        {
            _cursor++;
            VisitSlot((int)(_cursor % Slots), tick, expired);
        }

        _cursor = Math.Max(_cursor, tick);
        if (Count > 0)
        {
            Arm(NextOccupied(), now);
        }
    }

    private void VisitSlot(int slot, long tick, Action<Waiter> expired)
    {
        for (var waiter = _slots[slot]; waiter is not null;)
        {
            var next = waiter.WheelNext;
            if (waiter.DueTick <= tick)
            {
                Remove(waiter);
                expired(waiter);
            }

            waiter = next;
        }
    }

    private long NextOccupied()
    {
        var start = (int)((_cursor + 1) % Slots);
        for (var step = 0; step <= _occupied.Length; step++)
        {
            var index = ((start >> 6) + step) % _occupied.Length;
            var bits = step == 0 ? _occupied[index] & (ulong.MaxValue << (start & 63)) : _occupied[index];
            if (bits != 0)
            {
                var slot = (index << 6) + BitOperations.TrailingZeroCount(bits);
                return _cursor + 1 + ((slot - start + Slots) % Slots);
            }
        }

        return _cursor + Slots;
    }

    private void Arm(long tick, TimeSpan now)
    {
        if (tick >= _armedFor)
        {
            return;
        }

        _armedFor = tick;
        var wait = TimeSpan.FromTicks(tick * Tick.Ticks) - now;
        arm(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }
}
