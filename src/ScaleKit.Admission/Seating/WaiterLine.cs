namespace ScaleKit.Admission;

/// <summary>
/// A first-in-first-out line of visitors, linked through the waiters themselves: every operation is O(1) and allocates nothing. What
/// <see cref="Waiter.Previous"/> of the first one says means nothing.
/// </summary>
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
        var next = waiter.Next;
        if (ReferenceEquals(First, waiter))
        {
            // The usual case. The next one's memory is left alone, it may be cold in a long line: its link to one that has gone is never followed.
            First = next;
            if (next is null)
            {
                Last = null;
            }
        }
        else
        {
            var previous = waiter.Previous!;
            previous.Next = next;
            _ = next is null ? Last = previous : next.Previous = previous;
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
        while (!ReferenceEquals(First, after) && after.Previous!.Number > waiter.Number)
        {
            after = after.Previous;
        }

        waiter.Next = after;
        if (ReferenceEquals(First, after))
        {
            First = waiter;
        }
        else
        {
            waiter.Previous = after.Previous;
            waiter.Previous!.Next = waiter;
        }

        after.Previous = waiter;
    }
}
