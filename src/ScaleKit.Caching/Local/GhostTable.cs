using System.Numerics;

namespace ScaleKit.Caching;

/// <summary>
/// The last evicted keys, by hash only: 8 bytes each in groups of four slots, of which the oldest is overwritten. A key counts as remembered while fewer evictions
/// than the window came after it, so nothing is ever removed from a list. It is a hint: a collision or an overwritten slot costs a worse guess, nothing else.
/// Grows with the window, up to <see cref="MaximumSlots"/>. Under the store's lock.
/// </summary>
internal sealed class GhostTable
{
    public const int MaximumSlots = 1 << 22;
    private const int Group = 4;
    private const int MinimumSlots = 64;

    // The hash above, the number of the eviction below; 0 is an empty slot.
    private ulong[] _slots = [];
    private uint _evictions;

    public int Slots => _slots.Length;

    /// <summary>Remembers a key that was evicted.</summary>
    public void Add(int hash, long window)
    {
        // A third of the slots stay free on average: fewer groups overflow.
        if (window + (window / 2) > _slots.Length && _slots.Length < MaximumSlots)
            Grow(window + (window / 2));
        _evictions = _evictions == uint.MaxValue ? 1 : _evictions + 1;
        Put(_slots, (uint)hash, _evictions);
    }

    /// <summary>Whether the key was evicted within the window; it is then forgotten.</summary>
    public bool Remove(int hash, long window)
    {
        if (_slots.Length == 0)
            return false;
        foreach (ref var slot in GroupOf(_slots, (uint)hash))
        {
            if (slot >> 32 == (uint)hash && slot != 0)
            {
                var isRecent = _evictions - (uint)slot < window;
                slot = 0;
                return isRecent;
            }
        }

        return false;
    }

    private static Span<ulong> GroupOf(ulong[] slots, uint hash) =>
        slots.AsSpan((int)(hash * 0x9E3779B9u >> (32 - BitOperations.Log2((uint)(slots.Length / Group)))) * Group, Group);

    private void Put(ulong[] slots, uint hash, uint eviction)
    {
        ref var oldest = ref slots[0];
        var age = -1L;
        foreach (ref var slot in GroupOf(slots, hash))
        {
            var slotAge = slot == 0 || slot >> 32 == hash ? long.MaxValue : _evictions - (uint)slot;
            if (slotAge > age)
            {
                age = slotAge;
                oldest = ref slot;
            }
        }

        oldest = ((ulong)hash << 32) | eviction;
    }

    private void Grow(long wanted)
    {
        var slots = new ulong[(int)Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)wanted), MinimumSlots, MaximumSlots)];
        foreach (var slot in _slots)
        {
            if (slot != 0)
                Put(slots, (uint)(slot >> 32), (uint)slot);
        }

        _slots = slots;
    }
}
