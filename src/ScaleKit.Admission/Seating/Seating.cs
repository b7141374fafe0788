using System.Collections.Concurrent;

namespace ScaleKit.Admission;

/// <summary>
/// The decision: who may sit, and who sits next. Counts the three caps together and keeps every room that has waiters in exactly one line.
/// </summary>
/// <remarks>
/// <para>Ready: the room has a free seat and is active, or was when it came; only the total stands in its way. Parked: the room is empty and needs a slot
/// among the active rooms. Full: the room has no free seat. Rooms with neither seat nor waiter are idle, a bounded number of them, so that a busy room
/// that empties for a moment is not built anew.</para>
/// <para>The next room is the one with the smaller turn among the first ready and, while a slot is free, the first parked room; it goes to the end after
/// each grant. That is a round robin that steps over rooms that cannot be served without looking at them.</para>
/// <para>Invariant, true whenever the lock is free: if an active room waits in ready, the total is used up; if an empty room waits, the total or the
/// active rooms are. So a newcomer who finds a seat takes it from nobody. Not thread-safe: the queue's lock guards it.</para>
/// </remarks>
internal sealed partial class Seating(AdmissionQueue queue, AdmissionOptions options, SaturationMonitor saturation, QueueClock clock)
{
    internal const int IdleRooms = 128;

    // Read without the lock, written under it.
    private readonly ConcurrentDictionary<string, Room> _rooms = new(concurrencyLevel: 1, capacity: 31, StringComparer.Ordinal);
    private readonly RoomLine _idle = new();
    private IDictionary<string, int> _roomCapacities = options.RoomCapacities;
    private IDictionary<string, int> _roomWeights = options.RoomWeights;
    private int _burst = options.PriorityBurst;
    private long _turn;

    public int RoomCapacity { get; private set; } = options.RoomCapacity;

    public int ActiveRoomCapacity { get; private set; } = options.ActiveRooms;

    public int TotalCapacity { get; private set; } = options.TotalCapacity;

    /// <summary>The kill switch is off: no cap binds, all are still counted.</summary>
    public bool IsUnlimited { get; set; }

    public int Seats { get; private set; }

    public int ActiveRooms { get; private set; }

    public int Waiting { get; private set; }

    /// <summary>Where seats are shared: what other nodes use, as last told. Only alerts look at it.</summary>
    public (int Seats, int Rooms) Elsewhere { get; set; }

    /// <summary>Seats given back since the beginning.</summary>
    public long Releases { get; private set; }

    /// <summary>Rooms that lost their last visitor since the beginning.</summary>
    public long Closures { get; private set; }

    public RoomLine Ready { get; } = new();

    public RoomLine Parked { get; } = new();

    public RoomLine Full { get; } = new();

    public IEnumerable<Room> Rooms => _rooms.Select(pair => pair.Value);

    public int RoomCount => _rooms.Count;

    /// <summary>Needs no lock. Under the lock, <paramref name="found"/> saves looking again where it was found before.</summary>
    public Room? Find(string name, Room? found = null) =>
        found is { IsForgotten: false } ? found : _rooms.TryGetValue(name, out var room) ? room : null;

    public Room Open(string name)
    {
        var room = new Room(queue, name, CapacityOf(name)) { Weight = WeightOf(name) };
        _rooms[name] = room;
        return room;
    }

    /// <summary>As <see cref="BindingCap"/>, after loans that could hide a seat were called in.</summary>
    public AdmissionCap Decide(Room? room, string name)
    {
        if (room is not null)
        {
            // The usual case while a crowd waits: what the line says was found out when the room was put there.
            if (room.Line == Full)
            {
                return AdmissionCap.Room;
            }

            Recall(room);
        }

        var cap = BindingCap(room, name);
        if (cap is AdmissionCap.ActiveRooms or AdmissionCap.Total && HasLoans)
        {
            RecallAll();
            cap = BindingCap(room, name);
        }

        return cap;
    }

    /// <summary>The narrowest cap that keeps a visitor out of this room now; <see langword="null"/> stands for a room that nobody uses yet.</summary>
    public AdmissionCap BindingCap(Room? room, string name)
    {
        if (IsUnlimited)
        {
            return AdmissionCap.None;
        }

        var seats = room?.Seats ?? 0;
        if (seats >= (room?.Capacity ?? CapacityOf(name)))
        {
            return AdmissionCap.Room;
        }

        if (seats == 0 && ActiveRooms >= ActiveRoomCapacity)
        {
            return AdmissionCap.ActiveRooms;
        }

        return Seats >= TotalCapacity ? AdmissionCap.Total : AdmissionCap.None;
    }

    public void Sit(Room room)
    {
        Seats++;
        if (room.Seats++ == 0)
        {
            ActiveRooms++;
            Changed(room);
        }

        // Out of its line first: a room that stays eligible goes to the end, which is what makes the round robin. It stays where its weight gives it more.
        if (++room.SeatedInTurn >= room.Weight)
        {
            room.Line?.Remove(room);
        }

        Place(room);
        saturation.ObserveRoom(room, room.Capacity);
    }

    public void StandUp(Room room)
    {
        Seats--;
        Releases++;
        if (--room.Seats == 0)
        {
            ActiveRooms--;
            Closures++;
            Changed(room);
        }

        Place(room);
    }

    /// <summary>All seats count no longer: others have them.</summary>
    public void StandUpAll()
    {
        foreach (var room in Rooms.ToArray())
        {
            while (room.Seats > 0)
            {
                StandUp(room);
            }

            saturation.ObserveRoom(room, room.Capacity);
        }
    }

    /// <summary>To be called at the end of a step: a seat that passes from hand to hand within it has not been free.</summary>
    public void ObserveSaturation(Room? released = null)
    {
        if (released is not null)
        {
            saturation.ObserveRoom(released, released.Capacity);
        }

        // Loans are given only while nothing is saturated, so only the rise can be a loan's and not the visitors'.
        if (HasLoans && (Seats * 10L >= TotalCapacity * 8L || ActiveRooms * 10L >= ActiveRoomCapacity * 8L))
        {
            RecallAll();
        }

        AnnounceRooms();
        saturation.ObserveActiveRooms(ActiveRooms + Elsewhere.Rooms, ActiveRoomCapacity);
        saturation.ObserveTotal(Seats + Elsewhere.Seats, TotalCapacity);
    }

    public void Enqueue(Waiter waiter)
    {
        var room = waiter.Room;
        room.Visitors.Insert(waiter);
        Waiting++;
        if (room.Waiting == 1)
        {
            room.WaitedForSince = waiter.EnteredAt;
            Place(room);
        }
    }

    /// <summary>Takes a waiter out of the line, wherever it stands. Harmless when it already is out.</summary>
    public void Remove(Waiter waiter)
    {
        if (!waiter.IsLinked)
        {
            return;
        }

        waiter.Room.Visitors.Remove(waiter);
        Waiting--;
        Place(waiter.Room);
    }

    /// <summary>Seats the next waiter and returns it; <see langword="null"/> when nobody waits or a cap binds for all who do. O(1) for each waiter it takes out.</summary>
    public Waiter? SeatNext()
    {
        if (Waiting > 0 && HasLoans && (Seats >= TotalCapacity || ActiveRooms >= ActiveRoomCapacity))
        {
            RecallAll();
        }

        while (Waiting > 0 && NextRoom() is { } room && Next(room) is { } waiter)
        {
            room.Visitors.Remove(waiter);
            Waiting--;

            // The one decision between grant and leave. Who lost it here has left and only awaits the lock: the seat goes to the next in line.
            if (waiter.TrySettle(WaiterState.Granted))
            {
                room.Visitors.Served(waiter.Priority);
                Sit(room);
                return waiter;
            }

            Place(room);
        }

        return null;
    }

    /// <summary>
    /// Passes the seat of one who goes to the next of the same room, where no other room has a claim to it: none waits for the total or for a slot.
    /// Null when it must be decided anew.
    /// </summary>
    public Waiter? HandOver(Room room)
    {
        if (Ready.First is not null || Parked.First is not null || IsUnlimited || Seats > TotalCapacity || room.Seats > room.Capacity
            || ActiveRooms > ActiveRoomCapacity)
        {
            return null;
        }

        while (Next(room) is { } waiter)
        {
            room.Visitors.Remove(waiter);
            Waiting--;
            if (waiter.TrySettle(WaiterState.Granted))
            {
                room.Visitors.Served(waiter.Priority);
                Releases++;
                Closures += room.Seats == 1 ? 1 : 0;
                if (room.Waiting == 0)
                {
                    Place(room);
                }

                return waiter;
            }
        }

        return null;
    }

    public void Resize(AdmissionOptions next)
    {
        RecallAll();
        (RoomCapacity, ActiveRoomCapacity, TotalCapacity) = (next.RoomCapacity, next.ActiveRooms, next.TotalCapacity);
        (_roomCapacities, _roomWeights, _burst) = (next.RoomCapacities, next.RoomWeights, next.PriorityBurst);
        (_target, _interval, _isAdaptive) = (next.OverloadTarget, next.OverloadInterval, next.Discipline == AdmissionDiscipline.AdaptiveLifo);
        foreach (var room in _rooms.Select(pair => pair.Value).OrderBy(room => room.Turn).ToArray())
        {
            room.Capacity = CapacityOf(room.Name);
            room.Weight = WeightOf(room.Name);
            if (room.Line != _idle)
            {
                Place(room);
                saturation.ObserveRoom(room, room.Capacity);
            }
        }
    }

    private int CapacityOf(string name) => _roomCapacities.Count > 0 && _roomCapacities.TryGetValue(name, out var capacity) ? capacity : RoomCapacity;

    private int WeightOf(string name) => _roomWeights.Count > 0 && _roomWeights.TryGetValue(name, out var weight) ? weight : 1;

    private Room? NextRoom()
    {
        if (IsUnlimited)
        {
            return Ready.First ?? Parked.First ?? Full.First;
        }

        if (Seats >= TotalCapacity)
        {
            return null;
        }

        // A ready room that has emptied keeps its turn as long as there is a slot for it. Each was emptied by one release, so this costs O(1) a release.
        while (ActiveRooms >= ActiveRoomCapacity && Ready.First is { Seats: 0 } emptied)
        {
            Ready.Remove(emptied);
            Parked.Append(emptied, ++_turn);
        }

        var ready = Ready.First;
        var parked = ActiveRooms < ActiveRoomCapacity ? Parked.First : null;
        return ready is null || (parked is not null && parked.Turn < ready.Turn) ? parked : ready;
    }

    private void Place(Room room)
    {
        var line = LineOf(room);
        if (room.Line == line)
        {
            return;
        }

        room.Line?.Remove(room);
        room.SeatedInTurn = 0;
        line?.Append(room, ++_turn);
        if (_idle.Count > IdleRooms && _idle.First is { } oldest)
        {
            _idle.Remove(oldest);
            oldest.IsForgotten = true;
            _ = _rooms.TryRemove(oldest.Name, out _);
        }
    }

    private RoomLine? LineOf(Room room)
    {
        if (room.Waiting == 0)
        {
            return room.Seats == 0 ? _idle : null;
        }

        if (room.Seats >= room.Capacity)
        {
            return Full;
        }

        return room.Seats > 0 || room.Line == Ready ? Ready : Parked;
    }
}
