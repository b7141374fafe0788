namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// One execution of a scenario: the shipping code in a few processes, and a scheduler that lets one thing happen at a time. The same choices give the same execution. Everything runs on the thread
/// that calls <see cref="Step"/>. Not thread-safe.
/// </summary>
internal sealed class World
{
    private static readonly AsyncLocal<Actor?> Acting = new();
    private readonly Queue<Action> _woken = new();
    private readonly List<Process> _processes = [];
    private readonly List<Actor> _actors;
    private readonly List<Actor> _blocked = [];
    private readonly List<Call> _late = [];
    private readonly List<string>? _trace;
    private readonly Guard _dropped;
    private int _faults;
    private int _crashes;
    private int _sleeps;
    private int _changes;
    private bool _stepping;

    public World(Scenario scenario, Snapshot start, bool trace)
    {
        Scenario = scenario;
        _dropped = scenario.Dropped;
        _faults = scenario.Faults;
        _crashes = scenario.Crashes;
        _sleeps = scenario.Sleeps;
        _trace = trace ? [] : null;
        (Old, New, Journal, Monitor) = (start.Old.Copy(), start.New.Copy(), start.Journal.Copy(), start.Monitor.Copy());
        Wake = _woken.Enqueue;
        _actors = [.. scenario.Actors.Select(a => new Actor(a.Name, a.Process, a.Script))];
        for (var i = 0; i < scenario.Processes; i++)
        {
            _processes.Add(Start());
        }

        _stepping = true;
    }

    public Scenario Scenario { get; }

    public ModelStore Old { get; }

    public ModelStore New { get; }

    public ModelJournal Journal { get; }

    public RegisterMonitor Monitor { get; private set; }

    public Action<Action> Wake { get; }

    public string? Violation { get; private set; }

    public IReadOnlyList<string> Trace => _trace ?? [];

    public bool IsDone => _actors.TrueForAll(static a => a.IsDone);

    /// <summary>Everything that can happen now, always in the same order.</summary>
    public List<Event> Events() => Choices.Of(_actors, _late.Count, IsDone || _crashes == 0 ? 0 : _processes.Count, _faults > 0, _changes, Sleepers());

    public void Step(Event next)
    {
        switch (next.Kind)
        {
            case EventKind.Begin:
                Begin(_actors[next.Index]);
                break;
            case EventKind.Complete:
                Complete(_actors[next.Index]);
                break;
            case EventKind.Fail or EventKind.TimeOut:
                Fail(_actors[next.Index], later: next.Kind == EventKind.TimeOut);
                break;
            case EventKind.Late:
                _trace?.Add($"late: {_late[next.Index].Label} takes effect");
                _late[next.Index].TakeEffect();
                _late.RemoveAt(next.Index);
                _changes++;
                break;
            case EventKind.Crash:
                Crash(next.Index);
                break;
            case EventKind.Sleep:
                Sleep(next.Index);
                break;
            default:
                Fire(_actors[next.Index], next.Kind);
                break;
        }

        RunWoken();
        Look();
    }

    public ulong Hash()
    {
        var hash = Mix.In(Mix.In(Mix.In(Mix.In(Old.Hash(), New.Hash()), Journal.Hash()), Monitor.Hash()), ((long)_faults << 8) + (_sleeps << 4) + _crashes);
        foreach (var process in _processes)
        {
            hash = Mix.In(hash, process.Hash());
        }

        foreach (var actor in _actors)
        {
            hash = Mix.In(Mix.In(hash, actor.Hash(_changes)), _blocked.IndexOf(actor));
        }

        return Mix.In(hash, _late.Aggregate(0UL, static (sum, call) => sum + Mix.In(9, call.Hash)));
    }

    /// <summary>What the end of the schedule depends on.</summary>
    public Snapshot Snapshot() => new(Old.Copy(), New.Copy(), Journal.Copy(), Monitor.Copy());

    public ValueTask<T> CallAsync<T>(string target, string what, bool mutates, ulong arguments, Func<T> effect, Func<T, ulong> hash, Func<string>? show = null)
    {
        if (!_stepping)
        {
            return ValueTask.FromResult(effect());
        }

        var actor = Acting.Value!;
        var call = new Call<T>(target, what, mutates, arguments, effect, hash, show);
        actor.Pending = call;
        actor.History = Mix.In(Mix.In(actor.History, call.Hash), Process.HashOf(_processes[actor.Home].Ladder.Current));
        return new(call.Done);
    }

    public void SetAlarm(Alarm alarm, Clock clock)
    {
        if (_stepping)
        {
            Acting.Value!.Alarm = alarm;
        }
        else
        {
            // Nobody else acts: waiting any longer changes nothing.
            clock.Advance(Clock.MoveTimeout);
            _woken.Enqueue(alarm.Fire);
        }
    }

    public int Changes => _changes;

    /// <summary>Runs something to its end, alone and without faults.</summary>
    public T Alone<T>(Func<Task<T>> work)
    {
        _stepping = false;
        var task = work();
        RunWoken();
        _stepping = true;
        return task.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("What runs alone waits for nobody.");
    }

    public Process Start()
    {
        var process = new Process(this);
        Alone(async () =>
        {
            await process.Ladder.LoadAsync().ConfigureAwait(false);
            return 0;
        });
        process.Look();
        return process;
    }

    private void Begin(Actor actor)
    {
        var op = actor.Script[actor.Next++];
        var token = new object();
        actor.Running = token;
        actor.History = 0;
        actor.Slot = op.IsOnRow ? Monitor.Invoke(op) : -1;
        _trace?.Add($"{Title(actor)} begins {op}");
        _ = RunAsync(actor, op, token);
    }

    private async Task RunAsync(Actor actor, Op op, object token)
    {
        Acting.Value = actor;
        var process = _processes[actor.Home];
        try
        {
            var answer = await DoAsync(process, op).ConfigureAwait(false);
            _trace?.Add($"{Title(actor)} has ended {op}{(op.IsOnRow ? $": {answer}" : "")}");
            if (op.IsOnRow && !Monitor.Return(actor.Slot, answer))
            {
                Violation ??= $"No order of the operations explains that {actor.Name} got {answer} from '{op}'.";
            }
        }
        catch (Exception failure) when (failure is IOException or TimeoutException or MirrorUnavailableException or MigrationStateException or StoreFencedException)
        {
            // Of a write the outcome is unknown now: it stays possible for ever.
            _trace?.Add($"{Title(actor)} fails {op}: {failure.Message}");
            if (op.Kind == OpKind.Get)
            {
                Monitor.Drop(actor.Slot);
            }
        }
        catch (Exception failure)
        {
            Violation ??= $"{actor.Name} ended '{op}' with {failure}";
        }

        if (ReferenceEquals(actor.Running, token))
        {
            (actor.Running, actor.Slot, actor.Alarm, actor.History) = (null, -1, null, 0);
        }
    }

    private static async Task<long> DoAsync(Process process, Op op)
    {
        var repository = process.Repository;
        switch (op.Kind)
        {
            case OpKind.Get:
                return (await repository.GetAsync(1).ConfigureAwait(false)).Value;
            case OpKind.Put:
                await repository.UpsertAsync(1, op.Value).ConfigureAwait(false);
                return 0;
            case OpKind.Delete:
                return await repository.DeleteAsync(1).ConfigureAwait(false) ? 1 : 0;
            case OpKind.Update:
                return (await repository.UpdateAsync(1, static row => Op.Changed(row.Value)).ConfigureAwait(false)).Value;
            case OpKind.Move:
                await process.Ladder.MoveToAsync((MigrationPhase)op.Value).ConfigureAwait(false);
                return 0;
            case OpKind.Share:
                await process.Ladder.ShareReadsAsync(op.Value).ConfigureAwait(false);
                return 0;
            case OpKind.Beat:
                await process.Ladder.BeatAsync(CancellationToken.None).ConfigureAwait(false);
                return 0;
            case OpKind.Repair:
                return await repository.Repair.StepAsync().ConfigureAwait(false);
            default:
                return (await new Backfill<long, long>(repository).RunAsync().ConfigureAwait(false)).Rows;
        }
    }

    private void Complete(Actor actor)
    {
        var call = actor.Pending!;
        actor.Pending = null;
        actor.History = Mix.In(actor.History, call.Complete());
        _changes += call.Mutates ? 1 : 0;
        _trace?.Add($"{Title(actor)}: {call.Label} -> {call.Answer}");
        CheckVersions();
        call.Go();
    }

    private void Fail(Actor actor, bool later)
    {
        _faults--;
        var call = actor.Pending!;
        actor.Pending = null;
        actor.History = Mix.In(actor.History, later ? 1001L : 1002L);
        _trace?.Add($"{Title(actor)}: {call.Label} -> {(later ? "times out, outcome unknown" : "fails")}");
        if (later)
        {
            _late.Add(call);
        }

        // Another call: this one belongs to nobody now.
        call.Fail(later ? new TimeoutException("timed out") : new IOException("failed"));
    }

    private void Fire(Actor actor, EventKind kind)
    {
        var clock = _processes[actor.Home].Clock;
        if (kind != EventKind.Pause)
        {
            clock.Advance(Clock.MoveTimeout);
        }

        _faults -= kind == EventKind.Alarm ? 1 : 0;
        _trace?.Add($"{Title(actor)}: {(kind == EventKind.Pause ? "looks again" : "waits no longer")}");
        actor.History = Mix.In(actor.History, 2000L + (long)kind);
        actor.Alarm!.Fire();
    }

    private void Crash(int index)
    {
        _crashes--;
        _trace?.Add($"process {index + 1} is killed and starts again");
        foreach (var actor in _actors.Where(a => a.Home == index))
        {
            if (actor.Pending is { Mutates: true } call)
            {
                _late.Add(call);
            }

            if (actor is { Slot: >= 0, Running: not null } && actor.Script[actor.Next - 1].Kind == OpKind.Get)
            {
                Monitor.Drop(actor.Slot);
            }

            (actor.Running, actor.Pending, actor.Alarm, actor.Slot, actor.History) = (null, null, null, -1, 0);
        }

        _processes[index] = Start();
    }

    private IEnumerable<int> Sleepers() => IsDone || _sleeps == 0
        ? []
        : Enumerable.Range(0, Math.Min(Scenario.Sleepers, _processes.Count)).Where(i => _processes[i].Ladder.Fleet.Lease is { } lease && Journal.Holds(lease.Number));

    private void Sleep(int index)
    {
        _sleeps--;
        var process = _processes[index];
        _trace?.Add($"process {index + 1} sleeps past the end of its lease");
        if (!_dropped.HasFlag(Guard.SelfFence))
        {
            process.Clock.Advance(Clock.LeaseDuration);
        }

        Journal.EndLease(process.Ladder.Fleet.Lease!.Number);
        _changes++;
    }

    private void RunWoken()
    {
        while (_woken.TryDequeue(out var action))
        {
            action();
        }
    }

    private void Look()
    {
        CheckVersions();
        foreach (var process in _processes)
        {
            process.Look();
            if (_dropped.HasFlag(Guard.OperationDrain))
            {
                process.PretendDrained();
                RunWoken();
            }
        }

        foreach (var actor in _actors)
        {
            var blocked = actor is { Running: not null, Pending: null } && actor.Alarm is not { IsOver: false };
            if (blocked != _blocked.Contains(actor))
            {
                if (blocked)
                {
                    _blocked.Add(actor);
                }
                else
                {
                    _blocked.Remove(actor);
                }
            }
        }
    }

    private void CheckVersions()
    {
        if (Old.VersionFell || New.VersionFell)
        {
            Violation ??= "A version in a store did not rise.";
        }
    }

    private string Title(Actor actor) => $"{actor.Name}@{_processes[actor.Home].Ladder.Phase.Letter()}";
}
