namespace ScaleKit.Admission;

/// <summary>Those whose wait ended within one locked step, in order, to be told after the lock is left.</summary>
internal struct SettledWaiters
{
    private Waiter? _first;
    private Waiter? _last;

    public readonly bool Any => _first is not null;

    public void Add(Waiter waiter, AdmissionResult outcome)
    {
        waiter.Outcome = outcome;
        Add(waiter);
    }

    /// <summary>One that has its outcome.</summary>
    public void Add(Waiter waiter)
    {
        _ = _last is null ? _first = waiter : _last.Next = waiter;
        _last = waiter;
    }

    public void Add(SettledWaiters others)
    {
        if (others._first is not null)
        {
            _ = _last is null ? _first = others._first : _last.Next = others._first;
            _last = others._last;
        }
    }

    public readonly Waiter? First => _first;

    /// <summary>The first of them, the rest by <see cref="TakeNext"/>; <see langword="null"/> when there is none.</summary>
    public Waiter? TakeNext()
    {
        var waiter = _first;
        if (waiter is not null)
        {
            _first = waiter.Next;
            waiter.Next = null;
        }

        return waiter;
    }
}
