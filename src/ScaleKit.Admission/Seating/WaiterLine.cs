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
        if (Count++ == 0)
        {
            LatestDue = 0;
            First = waiter;
            Last = waiter;
        }
        else if (Last is { } last && last.Number < waiter.Number)
        {
            waiter.Previous = last;
            last.Next = waiter;
            Last = waiter;
        }
        else
        {
            InsertBetween(waiter);
        }
    }

    public void Remove(Waiter waiter)
    {
        var (previous, next) = (waiter.Previous, waiter.Next);
        if (next is null)
        {
            Last = previous;
        }
        else if (previous is null)
        {
            // Written apart, for it is the usual case: who is served stands first.
            next.Previous = null;
        }
        else
        {
            next.Previous = previous;
        }

        if (previous is null)
        {
            First = next;
        }
        else
        {
            previous.Next = next;
        }

        // A left-over link would keep every later visitor alive as long as somebody holds this ticket.
        waiter.Previous = null;
        waiter.Next = null;
        Count--;
    }

    /// <summary>For one who comes back: before everybody with a greater number, who are not few only where many came since.</summary>
    private void InsertBetween(Waiter waiter)
    {
        var after = Last!;
        while (after.Previous is { } earlier && earlier.Number > waiter.Number)
        {
            after = earlier;
        }

        waiter.Next = after;
        waiter.Previous = after.Previous;
        after.Previous = waiter;
        if (waiter.Previous is { } before)
        {
            before.Next = waiter;
        }
        else
        {
            First = waiter;
        }
    }
}
