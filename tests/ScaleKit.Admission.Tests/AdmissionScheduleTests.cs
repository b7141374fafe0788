namespace ScaleKit.Admission.Tests;

/// <summary>
/// Every order of a small set of steps, up to a fixed length, on small caps: after each one the invariants hold. What a clever test forgets, this does not.
/// </summary>
public sealed class AdmissionScheduleTests
{
    /// <summary>Caps and length. The quiet ones look at the books at the end only: looking calls in all loans, so only they see what loans do from step to step.</summary>
    public static TheoryData<int, int, int, int, bool> SmallCaps => new()
    {
        { 1, 1, 1, 5, false },
        { 1, 2, 2, 6, false },
        { 2, 1, 2, 5, false },
        { 2, 2, 3, 5, false },
        { 3, 2, 3, 5, true },
        { 3, 2, 3, 4, true },
        { 4, 3, 5, 5, true },
    };

    private enum Step
    {
        EnterA, EnterB, EnterC, ReleaseOldest, ReleaseNewest, CancelOldest, CancelNewest, Expire, Shrink, Grow, Switch,
    }

    [Theory]
    [MemberData(nameof(SmallCaps))]
    public void AnyOrderOfSteps_SmallCaps_KeepsEveryInvariant(int room, int rooms, int total, int depth, bool quiet)
    {
        var alphabet = Enum.GetValues<Step>();
        var schedule = new Step[depth];
        using var world = new World(room, rooms, total);
        var end = Math.Pow(alphabet.Length, depth - 1);

        // The last step varies fastest; all prefixes are run on the way, so only full length is enumerated. The first step is an arrival: nothing else does anything.
        for (var code = 0; code < end; code++)
        {
            var rest = code;
            for (var i = depth - 1; i > 0; i--)
            {
                (rest, var step) = Math.DivRem(rest, alphabet.Length);
                schedule[i] = alphabet[step];
            }

            schedule[0] = Step.EnterA;
            Run(schedule, world, quiet);

            // One world for all schedules: that each of them can be undone without a trace is an invariant too.
            if (!world.TryReset())
            {
                Assert.Fail($"Something was left behind by [{string.Join(", ", schedule)}]");
            }
        }
    }

    /// <summary>Whatever has happened before: who waits is told so in order, and the drain is done when the last seat was given back, not before.</summary>
    [Fact]
    public void AnyOrderOfSteps_ThenADrain_TellsEverybodyAndEndsWithTheLastSeat()
    {
        const int Depth = 4;
        var alphabet = Enum.GetValues<Step>();
        var schedule = new Step[Depth];
        for (var code = 0; code < Math.Pow(alphabet.Length, Depth - 1); code++)
        {
            var rest = code;
            for (var i = Depth - 1; i > 0; i--)
            {
                (rest, var step) = Math.DivRem(rest, alphabet.Length);
                schedule[i] = alphabet[step];
            }

            schedule[0] = Step.EnterA;
            using var world = new World(1, 2, 2);
            Run(schedule, world, quiet: true);
            if (world.Drain() is { } wrong)
            {
                Assert.Fail($"{wrong} after [{string.Join(", ", schedule)}]");
            }
        }
    }

    private static void Run(Step[] schedule, World world, bool quiet)
    {
        for (var i = 0; i < schedule.Length; i++)
        {
            var (step, before) = (schedule[i], world.Caps);
            Apply(step, world);
            var wrong = world.Wrong(before, looksAtBooks: !quiet || i == schedule.Length - 1);
            if (wrong is not null)
            {
                Assert.Fail($"{wrong} after {step} in [{string.Join(", ", schedule)}]");
            }
        }
    }

    private static void Apply(Step step, World world)
    {
        switch (step)
        {
            case Step.EnterA: world.Enter("a"); break;
            case Step.EnterB: world.Enter("b"); break;
            case Step.EnterC: world.Enter("c"); break;
            case Step.ReleaseOldest: world.Release(0); break;
            case Step.ReleaseNewest: world.Release(world.Holding.Count - 1); break;
            case Step.CancelOldest: world.Cancel(0); break;
            case Step.CancelNewest: world.Cancel(world.Line.Count - 1); break;
            case Step.Expire: world.Crowd.Clock.Advance(TimeSpan.FromSeconds(1)); break;
            case Step.Shrink: world.Resize(-1); break;
            case Step.Grow: world.Resize(1); break;
            default: world.Crowd.Queue.IsEnabled ^= true; break;
        }
    }

    /// <summary>What the outside knows: who entered, in which order, and who holds a seat.</summary>
    private sealed class World : IDisposable
    {
        private readonly (int Room, int Rooms, int Total) _initial;
        private int _room;
        private int _rooms;
        private int _total;

        // Waits differ, so that one step of the clock lets some expire and not others.
        private int _entered;

        public World(int room, int rooms, int total)
        {
            _initial = (_room, _rooms, _total) = (room, rooms, total);
            Crowd = new Crowd(room, rooms, total, options => (options.QueueCapacity, options.RoomQueueCapacity) = (4, 3));
        }

        public Crowd Crowd { get; }

        public List<AdmissionTicket> Line { get; } = [];

        public List<AdmissionLease> Holding { get; } = [];

        public (int Seats, bool Enabled) Caps => (Holding.Count, Crowd.Queue.IsEnabled);

        public void Enter(string name)
        {
            var deadline = TimeSpan.FromSeconds(0.5 + (_entered++ % 3));
            Line.Add(Crowd.Queue.Enter(new AdmissionRequest(name) { Deadline = deadline }));
        }

        public void Release(int index)
        {
            if (index >= 0 && index < Holding.Count)
            {
                var lease = Holding[index];
                Holding.RemoveAt(index);
                _ = lease.DisposeAsync();
                _ = lease.DisposeAsync();
            }
        }

        public void Cancel(int index)
        {
            if (index >= 0 && index < Line.Count)
            {
                Line[index].Waiter!.Leave();
            }
        }

        public void Resize(int by)
        {
            (_room, _rooms, _total) = (Math.Max(1, _room + by), Math.Max(1, _rooms + by), Math.Max(1, _total + by));
            Crowd.Queue.Resize(_room, _rooms, _total);
        }

        public string? Drain()
        {
            var drained = Crowd.Queue.DrainAsync();
            foreach (var room in Line.GroupBy(ticket => ticket.Room, StringComparer.Ordinal))
            {
                var told = room.Select(ticket => ticket.Completion.IsCompleted ? ticket.Completion.Result : default).ToArray();
                if (!told.All(result => result.Refusal == AdmissionRefusal.Draining) || !told.Select(result => result.Position).SequenceEqual(told.Select((_, index) => (int?)(index + 1))))
                {
                    return "Somebody was not told, or not in order";
                }
            }

            Enter("a");
            if (Line[^1].Completion is not { IsCompleted: true, Result.Refusal: AdmissionRefusal.Draining })
            {
                return "Somebody came in";
            }

            foreach (var lease in Holding)
            {
                if (drained.IsCompleted)
                {
                    return "Done before the last seat was given back";
                }

                _ = lease.DisposeAsync();
            }

            return Crowd.Queue.GetSnapshot() is { Seats: 0, Waiting: 0 } && Crowd.Queue.Holdings is { Linked: 0, Deadlines: 0 } && drained.IsCompleted ? null : "Not empty, or not done";
        }

        public bool TryReset()
        {
            foreach (var ticket in Line)
            {
                ticket.Waiter!.Leave();
            }

            foreach (var lease in Holding)
            {
                _ = lease.DisposeAsync();
            }

            Line.Clear();
            Holding.Clear();
            _entered = 0;
            (_room, _rooms, _total) = _initial;
            Crowd.Queue.Resize(_room, _rooms, _total);
            Crowd.Queue.IsEnabled = true;
            return Crowd.Queue.GetSnapshot() is { Seats: 0, ActiveRooms: 0, Waiting: 0 } && Crowd.Queue.Holdings is { Linked: 0, Deadlines: 0 };
        }

        public string? Wrong((int Seats, bool Enabled) before, bool looksAtBooks)
        {
            var wrong = Settle(out var granted);
            if (wrong is not null)
            {
                return wrong;
            }

            var seatsOf = Holding.GroupBy(lease => lease.Room, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
            if (looksAtBooks && Crowd.Queue.GetSnapshot() is var snapshot && (snapshot.Seats, snapshot.ActiveRooms, snapshot.Waiting) != (Holding.Count, seatsOf.Count, Line.Count))
            {
                return "The queue counts otherwise than the world";
            }

            // A line has an alarm, and on the wheel stand besides those who are more hurried than somebody before them.
            var (_, linked, deadlines) = Crowd.Queue.Holdings;
            if (linked != Line.Count || deadlines > 2 * Line.Count || (deadlines == 0 && Line.Count > 0))
            {
                return "Something was left behind";
            }

            // After a shrink more rooms may be in use than allowed: then these go on, but no other comes into use.
            bool IsNew(string room) => seatsOf[room] == granted.Count(lease => string.Equals(lease.Room, room, StringComparison.Ordinal));

            if (!Crowd.Queue.IsEnabled)
            {
                return Line.Count == 0 ? null : "Somebody waits although the queue is off";
            }

            if (granted.Count > 0 && before.Enabled
                && (Holding.Count > _total || granted.Any(lease => seatsOf[lease.Room] > _room || (seatsOf.Count > _rooms && IsNew(lease.Room)))))
            {
                return "A grant exceeded a cap";
            }

            return Line.Select(ticket => Forgotten(ticket, seatsOf)).FirstOrDefault(text => text is not null);
        }

        public void Dispose() => Crowd.Dispose();

        /// <summary>A waiter that no cap keeps out was forgotten, or its permit was lost.</summary>
        private string? Forgotten(AdmissionTicket ticket, Dictionary<string, int> seatsOf)
        {
            var seats = seatsOf.GetValueOrDefault(ticket.Room);
            var cap = seats >= _room ? AdmissionCap.Room
                : seats == 0 && seatsOf.Count >= _rooms ? AdmissionCap.ActiveRooms
                : Holding.Count >= _total ? AdmissionCap.Total
                : AdmissionCap.None;
            var position = 1 + Line.TakeWhile(other => other != ticket).Count(other => string.Equals(other.Room, ticket.Room, StringComparison.Ordinal));
            return cap == AdmissionCap.None ? "A waiter was forgotten"
                : ticket.BindingCap != cap ? $"{ticket.BindingCap} is named instead of {cap}"
                : ticket.Position != position ? $"Position {ticket.Position} instead of {position}"
                : null;
        }

        private string? Settle(out List<AdmissionLease> granted)
        {
            granted = [];
            foreach (var ticket in Line.Where(ticket => ticket.Completion.IsCompleted).ToArray())
            {
                // First in, first out: nobody of the same room may still wait who came before one that was admitted.
                var result = ticket.Completion.Result;
                if (result.IsAdmitted && Line.TakeWhile(other => other != ticket).Any(other =>
                    string.Equals(other.Room, ticket.Room, StringComparison.Ordinal) && !other.Completion.IsCompleted))
                {
                    return "Somebody was overtaken in its own room";
                }

                Line.Remove(ticket);
                if (result.Lease is { } lease)
                {
                    Holding.Add(lease);
                    granted.Add(lease);
                }
            }

            return null;
        }
    }
}
