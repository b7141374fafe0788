using System.Runtime.CompilerServices;

namespace ScaleKit.Admission;

/// <summary>
/// A few waiters that one queue has used and will use again. Taken under the queue's lock, given back without it and without an atomic step: of two that are
/// given back to one slot at one moment, or of one that comes while its slot is emptied, one is forgotten, and the garbage collector has it. None is taken
/// twice: each is written once, and one at a time takes.
/// </summary>
internal struct SpareWaiters
{
    private Slots _slots;

    public void Return(Waiter waiter)
    {
        foreach (ref var slot in (Span<Waiter?>)_slots)
        {
            if (slot is null)
            {
                Volatile.Write(ref slot, waiter);
                return;
            }
        }
    }

    public Waiter? Take_NeedsLock()
    {
        foreach (ref var slot in (Span<Waiter?>)_slots)
        {
            if (Volatile.Read(ref slot) is { } waiter)
            {
                slot = null;
                return waiter;
            }
        }

        return null;
    }

    [InlineArray(8)]
    private struct Slots
    {
        private Waiter? _first;
    }
}
