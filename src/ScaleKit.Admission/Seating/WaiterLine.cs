namespace ScaleKit.Admission;

/// <summary>A first-in-first-out line of visitors, linked through the waiters themselves: every operation is O(1) and allocates nothing.</summary>
internal struct WaiterLine
{
    public Waiter? First { get; private set; }

    public int Count { get; private set; }

    private Waiter? Last { get; set; }

    public void Append(Waiter waiter)
    {
        waiter.Previous = Last;
        _ = Last is null ? First = waiter : Last.Next = waiter;
        Last = waiter;
        Count++;
    }

    public void Remove(Waiter waiter)
    {
        _ = waiter.Previous is null ? First = waiter.Next : waiter.Previous.Next = waiter.Next;
        _ = waiter.Next is null ? Last = waiter.Previous : waiter.Next.Previous = waiter.Previous;

        // A left-over link would keep every later visitor alive as long as somebody holds this ticket.
        waiter.Previous = null;
        waiter.Next = null;
        Count--;
    }
}
