using System.Numerics;

namespace ScaleKit.Admission;

/// <summary>
/// All deadlines on one timer: a hashed timing wheel (Varghese and Lauck, SOSP 1987, scheme 6). Adding and removing are O(1); a deadline fires at
/// the first tick at or after it. The timer is armed for the next occupied slot only, so an empty line costs no wake-ups. Guarded by the queue's lock.
/// </summary>
internal sealed class DeadlineWheel(Action<TimeSpan> arm)
{
    public static readonly TimeSpan Tick = new(TickLength);

    private const long TickLength = 10 * TimeSpan.TicksPerMillisecond;
    private const int Slots = 2048;
    private const long NotArmed = long.MaxValue;

    private readonly TimedEntry?[] _slots = new TimedEntry?[Slots];
    private readonly ulong[] _occupied = new ulong[Slots / 64];
    private long _cursor;
    private long _armedFor = NotArmed;

    /// <summary>Entries that have a deadline.</summary>
    public int Count { get; private set; }

    /// <summary>The first tick at or after <paramref name="time"/>.</summary>
    public static long TickAt(TimeSpan time) => (time.Ticks + TickLength - 1) / TickLength;

    /// <summary>The last tick at or before <paramref name="time"/>.</summary>
    public static long TickBefore(TimeSpan time) => time.Ticks / TickLength;

    /// <param name="entry">The entry, not on the wheel yet.</param>
    /// <param name="now">Time since the queue was made.</param>
    /// <param name="due">The tick at which the time is up.</param>
    public void Add(TimedEntry entry, TimeSpan now, long due)
    {
        if (Count++ == 0)
        {
            _cursor = Math.Max(_cursor, TickBefore(now));
        }

        due = Math.Max(due, _cursor + 1);
        var slot = (int)(due % Slots);
        entry.DueTick = due;
        entry.WheelNext = _slots[slot];
        _ = entry.WheelNext?.WheelPrevious = entry;
        _slots[slot] = entry;
        _occupied[slot >> 6] |= 1UL << (slot & 63);

        // An entry that is due in a later round is visited, and passed over, once a round.
        Arm(_cursor + 1 + ((due - _cursor - 1) % Slots), now);
    }

    /// <summary>Takes an entry off. The timer stays as it is: one wake-up that finds nothing is cheaper than arming on every departure.</summary>
    public void Remove(TimedEntry entry)
    {
        if (entry.DueTick != 0)
        {
            TakeOff(entry);
        }
    }

    private void TakeOff(TimedEntry entry)
    {
        var slot = (int)(entry.DueTick % Slots);
        _ = entry.WheelPrevious is null ? _slots[slot] = entry.WheelNext : entry.WheelPrevious.WheelNext = entry.WheelNext;
        _ = entry.WheelNext?.WheelPrevious = entry.WheelPrevious;
        if (_slots[slot] is null)
        {
            _occupied[slot >> 6] &= ~(1UL << (slot & 63));
        }

        entry.WheelPrevious = null;
        entry.WheelNext = null;
        entry.DueTick = 0;
        Count--;
    }

    /// <summary>Takes off every entry whose time is up and adds it to <paramref name="due"/>, then arms the timer for the next occupied slot.</summary>
    public void Turn(TimeSpan now, List<TimedEntry> due)
    {
        _armedFor = NotArmed;
        var tick = TickBefore(now);
        for (var visited = 0; visited < Slots && _cursor < tick && Count > 0; visited++)
        {
            _cursor++;
            VisitSlot((int)(_cursor % Slots), tick, due);
        }

        _cursor = Math.Max(_cursor, tick);
        if (Count > 0)
        {
            Arm(NextOccupied(), now);
        }
    }

    private void VisitSlot(int slot, long tick, List<TimedEntry> due)
    {
        for (var entry = _slots[slot]; entry is not null;)
        {
            var next = entry.WheelNext;
            if (entry.DueTick <= tick)
            {
                Remove(entry);
                due.Add(entry);
            }

            entry = next;
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
        var wait = TimeSpan.FromTicks(tick * TickLength) - now;
        arm(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }
}
