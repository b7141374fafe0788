namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// One moment of a scenario: the stores, where each process stands, and what its users may still see. It is never changed; <see cref="Step"/> makes the next one, and shares with it all that stays.
/// </summary>
internal sealed class World
{
    private const sbyte NoSlot = -1;
    private readonly Scenario _scenario;
    private readonly ProcessTable _table;
    private readonly Cast _cast;
    private readonly ProcessState[] _processes;
    private readonly sbyte[] _slots;
    private Call[] _late = [];
    private uint _changed;
    private int _faults;
    private int _crashes;
    private int _sleeps;

    public World(Scenario scenario, ProcessTable table, Cast cast)
    {
        (_scenario, _table, _cast) = (scenario, table, cast);
        (_faults, _crashes, _sleeps) = (scenario.Faults, scenario.Crashes, scenario.Sleeps);
        (Lasting, Monitor) = scenario.Prepare();
        _processes = new ProcessState[scenario.Processes];
        _slots = new sbyte[scenario.Actors.Count];
        Array.Fill(_slots, NoSlot);
        for (var home = 0; home < _processes.Length; home++)
        {
            Start(home);
        }
    }

    private World(World before)
    {
        (_scenario, _table, _cast) = (before._scenario, before._table, before._cast);
        (_faults, _crashes, _sleeps, _changed, _late) = (before._faults, before._crashes, before._sleeps, before._changed, before._late);
        (Lasting, Monitor) = (before.Lasting, before.Monitor);
        (_processes, _slots) = ([.. before._processes], [.. before._slots]);
    }

    public Lasting Lasting { get; private set; }

    public RegisterMonitor Monitor { get; private set; }

    public string? Violation { get; private set; }

    public bool IsDone => Array.TrueForAll(_processes, static p => p.IsDone);

    /// <summary>Everything that can happen now, always in the same order.</summary>
    public List<Event> Events()
    {
        var choices = new Choices(_faults > 0);
        for (var i = 0; i < _cast.Count; i++)
        {
            choices.Add(i, State(i), (_changed >> i & 1) != 0);
        }

        return choices.With(_late.Length, IsDone || _crashes == 0 ? 0 : _processes.Length, IsDone || _sleeps == 0 ? [] : Sleepers());
    }

    /// <summary>The world after an event.</summary>
    /// <param name="next">One of <see cref="Events"/>.</param>
    /// <param name="trace">Gets what happens, if given.</param>
    public World Step(Event next, List<string>? trace = null)
    {
        var world = new World(this);
        world.Take(next, trace);
        return world;
    }

    public ulong Hash()
    {
        var hash = Mix.In(Mix.In(Lasting.Hash(), Monitor.Hash()), ((long)_faults << 8) + (_sleeps << 4) + _crashes);
        foreach (var process in _processes)
        {
            hash = Mix.In(hash, process.Hash);
        }

        for (var i = 0; i < _slots.Length; i++)
        {
            // Whether looking again is worth it matters only to somebody who looks again.
            hash = Mix.In(hash, (_slots[i] * 2L) + (State(i).Waits == Waits.Pause ? _changed >> i & 1 : 0));
        }

        return Mix.In(hash, _late.Aggregate(0UL, static (sum, call) => sum + Mix.In(9, call.Hash)));
    }

    private ActorState State(int actor) => _processes[_cast.Home(actor)].Actors[_cast.Place(actor)];

    private void Take(Event next, List<string>? trace)
    {
        switch (next.Kind)
        {
            case EventKind.Begin:
                Begin(next.Index, trace);
                break;
            case EventKind.Complete:
                var answer = TakeEffect(State(next.Index).Pending!);
                trace?.Add($"{Title(next.Index)}: {State(next.Index).Pending!.Label} -> {answer}");
                GoOn(next.Index, EventKind.Complete, answer, trace);
                break;
            case EventKind.Fail or EventKind.TimeOut:
                Fail(next.Index, next.Kind, trace);
                break;
            case EventKind.Late:
                trace?.Add($"late: {_late[next.Index].Label} takes effect");
                TakeEffect(_late[next.Index]);
                _late = [.. _late.Where((_, i) => i != next.Index)];
                break;
            case EventKind.Crash:
                Crash(next.Index, trace);
                break;
            case EventKind.Sleep:
                Sleep(next.Index, trace);
                break;
            default:
                trace?.Add($"{Title(next.Index)}: {(next.Kind == EventKind.Pause ? "looks again" : "waits no longer")}");
                _faults -= next.Kind == EventKind.Alarm ? 1 : 0;
                GoOn(next.Index, next.Kind, default, trace);
                break;
        }

        if (Lasting.VersionFell)
        {
            Violation ??= "A version in a store did not rise.";
        }
    }

    private void Begin(int actor, List<string>? trace)
    {
        var op = _scenario.Actors[actor].Script[State(actor).Next];
        trace?.Add($"{Title(actor)} begins {op}");
        if (op.IsOnRow)
        {
            Monitor = Monitor.Copy();
            _slots[actor] = (sbyte)Monitor.Invoke(op);
        }

        GoOn(actor, EventKind.Begin, default, trace);
    }

    private Answer TakeEffect(Call call)
    {
        if (call.Mutates)
        {
            Lasting = Lasting.Copy(call.Place);
            _changed = uint.MaxValue;
        }

        return call.On(Lasting);
    }

    private void Fail(int actor, EventKind kind, List<string>? trace)
    {
        _faults--;
        var call = State(actor).Pending!;
        trace?.Add($"{Title(actor)}: {call.Label} -> {(kind == EventKind.TimeOut ? "times out, outcome unknown" : "fails")}");
        if (kind == EventKind.TimeOut)
        {
            _late = [.. _late, call];
        }

        GoOn(actor, kind, default, trace);
    }

    private void GoOn(int actor, EventKind kind, Answer answer, List<string>? trace)
    {
        var home = _cast.Home(actor);
        var step = _table.Step(_processes[home], new ProcessEvent(kind, _cast.Place(actor), answer));
        _processes[home] = step.Next;
        foreach (var outcome in step.Outcomes)
        {
            End(_cast.Actor(home, outcome.Actor), outcome, trace);
        }

        for (var place = 0; step.AlarmsSet >> place != 0; place++)
        {
            _changed &= (step.AlarmsSet >> place & 1) != 0 ? ~(1U << _cast.Actor(home, place)) : uint.MaxValue;
        }
    }

    private void End(int actor, Outcome outcome, List<string>? trace)
    {
        var (name, op, slot) = (_scenario.Actors[actor].Name, outcome.Op, _slots[actor]);
        _slots[actor] = NoSlot;
        if (outcome.Failure is null)
        {
            trace?.Add($"{name}@{outcome.Phase.Letter()} has ended {op}{(op.IsOnRow ? $": {outcome.Answer}" : "")}");
            if (op.IsOnRow && !(Monitor = Monitor.Copy()).Return(slot, outcome.Answer))
            {
                Violation ??= $"No order of the operations explains that {name} got {outcome.Answer} from '{op}'.";
            }

            return;
        }

        // Of a write the outcome is unknown now: it stays possible for ever.
        trace?.Add($"{name}@{outcome.Phase.Letter()} fails {op}: {outcome.Failure.Message}");
        if (!outcome.IsExpected)
        {
            Violation ??= $"{name} ended '{op}' with {outcome.Failure}";
        }
        else if (op.Kind == OpKind.Get)
        {
            (Monitor = Monitor.Copy()).Drop(slot);
        }
    }

    private void Crash(int home, List<string>? trace)
    {
        _crashes--;
        trace?.Add($"process {home + 1} is killed and starts again");
        for (var actor = 0; actor < _cast.Count; actor++)
        {
            var (state, slot) = (State(actor), _slots[actor]);
            if (_cast.Home(actor) != home)
            {
                continue;
            }

            if (state.Pending is { Mutates: true } call)
            {
                _late = [.. _late, call];
            }

            if (slot != NoSlot && _scenario.Actors[actor].Script[state.Next - 1].Kind == OpKind.Get)
            {
                (Monitor = Monitor.Copy()).Drop(slot);
            }

            _slots[actor] = NoSlot;
        }

        Start(home);
    }

    private void Start(int home) => (Lasting, _processes[home]) = _table.Start(home, Lasting, _processes[home]);

    private IEnumerable<int> Sleepers() =>
        Enumerable.Range(0, Math.Min(_scenario.Sleepers, _processes.Length)).Where(home => Lasting.Journal.Holds(_processes[home].LeaseNumber));

    private void Sleep(int home, List<string>? trace)
    {
        _sleeps--;
        trace?.Add($"process {home + 1} sleeps past the end of its lease");
        var number = _processes[home].LeaseNumber;
        _processes[home] = _table.Step(_processes[home], new ProcessEvent(EventKind.Sleep, 0, default)).Next;
        Lasting = Lasting.Copy(Place.Journal);
        Lasting.Journal.EndLease(number);
        _changed = uint.MaxValue;
    }

    private string Title(int actor) => $"{_scenario.Actors[actor].Name}@{_processes[_cast.Home(actor)].Phase.Letter()}";
}
