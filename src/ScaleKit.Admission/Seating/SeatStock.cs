using System.Runtime.CompilerServices;

namespace ScaleKit.Admission;

/// <summary>A few seats that one room has used and will use again. Without a lock: each slot is emptied and filled by one atomic step.</summary>
internal struct SeatStock
{
    private Slots _slots;

    public Seat? TryRent()
    {
        foreach (ref var slot in (Span<Seat?>)_slots)
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } seat)
            {
                return seat;
            }
        }

        return null;
    }

    /// <summary>Keeps a seat that is no longer taken, or lets it go where the stock is full.</summary>
    public void Return(Seat seat)
    {
        foreach (ref var slot in (Span<Seat?>)_slots)
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, seat, null) is null)
            {
                return;
            }
        }

        seat.LetGo();
    }

    [InlineArray(8)]
    private struct Slots
    {
        private Seat? _first;
    }
}
