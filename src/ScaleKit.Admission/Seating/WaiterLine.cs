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

    private Waiter? Last { get; set; }

    public void Append(Waiter waiter)
    {
        if (Last is { } last)
        {
            waiter.Previous = last;
            last.Next = waiter;
        }
        else
        {
            First = waiter;
            LatestDue = 0;
        }

        Last = waiter;
        Count++;
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
