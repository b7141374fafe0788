using System.Diagnostics.CodeAnalysis;

namespace ScaleKit.Admission;

/// <summary>
/// Those who wait for one room: a line for each class, the higher class first. After a number of visitors that went before somebody of a lower class, the one
/// of the lower classes that has waited longest is served: so each visitor of a lower class waits for a bounded number of others.
/// </summary>
internal struct RoomQueue
{
    private WaiterLine _high;
    private WaiterLine _normal;
    private WaiterLine _low;
    private int _passes;

    public int Count { get; private set; }

    /// <summary>Puts a visitor where its number says: at the end, but for one who comes back.</summary>
    public void Insert(Waiter waiter)
    {
        LineOf(waiter.Priority).Insert(waiter);
        waiter.IsLinked = true;
        Count++;
    }

    public void Remove(Waiter waiter)
    {
        LineOf(waiter.Priority).Remove(waiter);
        waiter.IsLinked = false;
        Count--;
    }

    /// <summary>The visitor that is served next; null when nobody waits.</summary>
    /// <param name="burst">How many may go before somebody of a lower class.</param>
    /// <param name="newestFirst">Of its class, the one that came last.</param>
    public Waiter? Next(int burst, bool newestFirst = false)
    {
        var next = Count == _normal.Count ? _normal.First : NextOfClasses(burst);
        return newestFirst && next is not null ? LineOf(next.Priority).Last : next;
    }

    /// <summary>To be called after the visitor of <see cref="Next"/> was taken out and seated.</summary>
    public void Served(AdmissionPriority priority)
    {
        _passes = Before(priority) > 0 || After(priority) == 0 ? 0 : _passes + 1;
    }

    /// <summary>How many stand before the whole class of <paramref name="priority"/> as things are.</summary>
    public readonly int Before(AdmissionPriority priority) => priority switch
    {
        AdmissionPriority.High => 0,
        AdmissionPriority.Normal => _high.Count,
        _ => _high.Count + _normal.Count,
    };

    /// <summary>How many stand behind the whole class.</summary>
    public readonly int After(AdmissionPriority priority) => priority switch
    {
        AdmissionPriority.High => _normal.Count + _low.Count,
        AdmissionPriority.Normal => _low.Count,
        _ => 0,
    };

    /// <summary>All, in the order of their classes and within each of their arrival.</summary>
    public readonly List<Waiter> All()
    {
        var all = new List<Waiter>(Count);
        foreach (var first in (ReadOnlySpan<Waiter?>)[_high.First, _normal.First, _low.First])
        {
            for (var waiter = first; waiter is not null; waiter = waiter.Next)
            {
                all.Add(waiter);
            }
        }

        return all;
    }

    /// <summary>The place of one who stands in the line, 1 being the next; 0 where the walk to it would be longer than to <paramref name="most"/>.</summary>
    public readonly int PlaceOf(Waiter waiter, int most = int.MaxValue)
    {
        var place = 1 + Before(waiter.Priority);
        var first = First(waiter.Priority);
        for (var at = waiter; !ReferenceEquals(at, first); at = at.Previous!)
        {
            if (++place > most)
            {
                return 0;
            }
        }

        return place;
    }

    /// <summary>The first of one class; the rest through the links.</summary>
    public readonly Waiter? First(AdmissionPriority priority) => priority switch
    {
        AdmissionPriority.High => _high.First,
        AdmissionPriority.Normal => _normal.First,
        _ => _low.First,
    };

    /// <summary>The line of one class.</summary>
    [UnscopedRef]
    public ref WaiterLine LineOf(AdmissionPriority priority)
    {
        switch (priority)
        {
            case AdmissionPriority.High: return ref _high;
            case AdmissionPriority.Low: return ref _low;
            default: return ref _normal;
        }
    }

    private static Waiter? Older(Waiter? left, Waiter? right) =>
        left is null || right is null ? left ?? right : left.Number < right.Number ? left : right;

    private readonly Waiter? NextOfClasses(int burst)
    {
        if (_passes < burst)
        {
            return _high.First ?? _normal.First ?? _low.First;
        }

        return _high.First is not null ? Older(_normal.First, _low.First) ?? _high.First : (_low.First ?? _normal.First);
    }
}
