namespace ScaleKit.Admission;

/// <summary>A first-in-first-out line of visitors, linked through the waiters themselves: every operation is O(1) and allocates nothing.</summary>
internal struct WaiterLine
{
    public Waiter? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>The latest deadline, as a tick of the wheel, of those who came since the line was empty.</summary>
    public long LatestDue { get; set; }

    /// <summary>Made when first needed.</summary>
    public LineAlarm? Alarm { get; set; }

    public Waiter? Last { get; private set; }

    /// <summary>Puts a visitor where its number says. That is the end, but for one who comes back: then a step for each who came after it.</summary>
    public void Insert(Waiter waiter)
    {
        var before = Last;
        while (before is not null && before.Number > waiter.Number)
        {
            before = before.Previous;
        }

        var after = before is null ? First : before.Next;
        if (Count++ == 0)
        {
            LatestDue = 0;
        }

        waiter.Previous = before;
        waiter.Next = after;
        if (before is null)
        {
            First = waiter;
        }
        else
        {
            before.Next = waiter;
        }

        if (after is null)
        {
            Last = waiter;
        }
        else
        {
            after.Previous = waiter;
        }
    }

    public void Remove(Waiter waiter)
    {
        var (previous, next) = (waiter.Previous, waiter.Next);
        if (previous is null)
        {
            First = next;
        }
        else
        {
            previous.Next = next;
        }

        if (next is null)
        {
            Last = previous;
        }
        else
        {
            next.Previous = previous;
        }

        // A left-over link would keep every later visitor alive as long as somebody holds this ticket.
        waiter.Previous = null;
        waiter.Next = null;
        Count--;
    }
}
