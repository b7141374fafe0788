namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// One live process of the fleet: the shipping repository, ladder, repair and backfill on ports, and the actors that use them. The same events give the same execution. Everything runs on the
/// thread that calls <see cref="Step"/>. Not thread-safe.
/// </summary>
internal sealed class Process
{
    private static readonly AsyncLocal<Actor?> Acting = new();
    private readonly Queue<Action> _woken = new();
    private readonly List<Stage> _stages = [];
    private readonly List<Actor> _blocked = [];
    private readonly Actor[] _actors;
    private readonly Guard _dropped;
    private List<Outcome> _outcomes = [];
    private Lasting? _alone;

    public Process(Scenario scenario, int home)
    {
        Home = home;
        _dropped = scenario.Dropped;
        _actors = [.. scenario.Actors.Where(a => a.Process == home).Select(static (a, i) => new Actor(i, a.Script))];
        Clock = new Clock(this);
        var (old, @new) = (new PortStore(this, Place.Old), new PortStore(this, Place.New));
        Ladder = new MigrationLadder(old, @new, scenario.Options, new PortJournal(this), Clock, loggerFactory: null, NoMeters.Factory, _woken.Enqueue);
        Repository = new DualWriteRepository<long, long>(old, @new, Ladder);
    }

    public int Home { get; }

    public Clock Clock { get; }

    public MigrationLadder Ladder { get; }

    public DualWriteRepository<long, long> Repository { get; }

    /// <summary>What the last step has ended.</summary>
    public IReadOnlyList<Outcome> Outcomes => _outcomes;

    /// <summary>Bit i: actor i has set a timer in the last step.</summary>
    public uint AlarmsSet { get; private set; }

    /// <summary>A process that has read its phase, alone and without faults.</summary>
    /// <param name="scenario">Who lives in it.</param>
    /// <param name="home">Its index.</param>
    /// <param name="lasting">What it finds, and changes.</param>
    /// <param name="done">How many operations each of its actors has behind it; none unless given.</param>
    public static Process Start(Scenario scenario, int home, Lasting lasting, IReadOnlyList<int>? done = null)
    {
        var process = new Process(scenario, home);
        foreach (var actor in done is { Count: > 0 } ? process._actors : [])
        {
            actor.Next = done![actor.Index];
        }

        process.Alone(lasting, async () =>
        {
            await process.Ladder.LoadAsync().ConfigureAwait(false);
            return 0;
        });
        process.Look();
        return process;
    }

    /// <summary>Runs something to its end, alone and without faults.</summary>
    public T Alone<T>(Lasting lasting, Func<Task<T>> work)
    {
        _alone = lasting;
        var task = work();
        RunWoken();
        _alone = null;
        return task.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("What runs alone waits for nobody.");
    }

    public void Step(in ProcessEvent next)
    {
        (_outcomes, AlarmsSet) = ([], 0);
        switch (next.Kind)
        {
            case EventKind.Begin:
                Begin(_actors[next.Actor]);
                break;
            case EventKind.Complete:
                Take(_actors[next.Actor], next.Answer.Hash).Go(next.Answer.Value);
                break;
            case EventKind.Fail:
                Take(_actors[next.Actor], 1002).Fail(new IOException("failed"));
                break;
            case EventKind.TimeOut:
                Take(_actors[next.Actor], 1001).Fail(new TimeoutException("timed out"));
                break;
            case EventKind.Sleep:
                Sleep();
                break;
            default:
                Fire(_actors[next.Actor], next.Kind);
                break;
        }

        RunWoken();
        Look();
    }

    public ActorState[] States() => [.. _actors.Select(static a => a.State())];

    public ValueTask<T> CallAsync<T>(Call<T> call)
    {
        if (_alone is { } lasting)
        {
            return ValueTask.FromResult(call.Now(lasting));
        }

        var actor = Acting.Value!;
        var waiting = new Waiting<T>(call);
        actor.Pending = waiting;
        actor.History = Mix.In(Mix.In(actor.History, call.Hash), HashOf(Ladder.Current));
        return new(waiting.Done);
    }

    public void SetAlarm(Alarm alarm)
    {
        if (_alone is not null)
        {
            // Nobody else acts: waiting any longer changes nothing.
            Clock.Advance(Clock.MoveTimeout);
            _woken.Enqueue(alarm.Fire);
            return;
        }

        var actor = Acting.Value!;
        actor.Alarm = alarm;
        AlarmsSet |= 1U << actor.Index;
    }

    public ulong Hash()
    {
        var state = Ladder.State;
        var hash = Mix.In(Mix.In(Mix.In(HashOf(Ladder.Current), state.Revision), (long)state.Phase), state.Epoch);
        hash = Mix.In(Mix.In(Mix.In(Mix.In(hash, state.FencingEpoch), state.MirrorComplete), state.MirrorVerified), Clock.Now);
        hash = Mix.In(Mix.In(Mix.In(hash, state.Mover), Ladder.Fleet.Lease?.Number ?? 0), Ladder.Fleet.Acknowledged);
        foreach (var stage in _stages)
        {
            if (stage.CountInside() is > 0 and var inside)
            {
                hash = Mix.In(Mix.In(hash, HashOf(stage)), inside);
            }
        }

        foreach (var paid in PaidEntries<long, long>.Old(Repository.Repair))
        {
            hash = Mix.In(hash, paid.Sequence);
        }

        foreach (var paid in PaidEntries<long, long>.New(Repository.Repair))
        {
            hash = Mix.In(Mix.In(hash, 77), paid.Sequence);
        }

        foreach (var actor in _actors)
        {
            hash = Mix.In(Mix.In(hash, actor.Hash()), _blocked.IndexOf(actor));
        }

        return hash;
    }

    private static ulong HashOf(Stage stage) =>
        Mix.In(
        Mix.In(Mix.In(Mix.In(Mix.In((ulong)stage.Phase, stage.Epoch), stage.Tenure), stage.AcceptsWrites), stage.IsLoaded),
        Mix.In((ulong)stage.ReadShare, stage.Lease is { } lease ? (lease.Number * 2) + (lease.Holds ? 1 : 0) : 0));

    private static Waiting Take(Actor actor, ulong answer)
    {
        var waiting = actor.Pending!;
        actor.Pending = null;
        actor.History = Mix.In(actor.History, answer);
        return waiting;
    }

    private void Begin(Actor actor)
    {
        var op = actor.Script[actor.Next++];
        (actor.IsRunning, actor.History) = (true, 0);
        _ = RunAsync(actor, op);
    }

    private async Task RunAsync(Actor actor, Op op)
    {
        Acting.Value = actor;
        var (answer, failure) = (0L, default(Exception));
        try
        {
            answer = await op.RunAsync(this).ConfigureAwait(false);
        }
        catch (Exception any)
        {
            failure = any;
        }

        _outcomes.Add(new(actor.Index, op, Ladder.Phase, answer, failure));
        (actor.IsRunning, actor.Alarm, actor.History) = (false, null, 0);
    }

    private void Fire(Actor actor, EventKind kind)
    {
        if (kind != EventKind.Pause)
        {
            Clock.Advance(Clock.MoveTimeout);
        }

        actor.History = Mix.In(actor.History, 2000L + (long)kind);
        actor.Alarm!.Fire();
    }

    private void Sleep()
    {
        if (!_dropped.HasFlag(Guard.SelfFence))
        {
            Clock.Advance(Clock.LeaseDuration);
        }
    }

    private void RunWoken()
    {
        while (_woken.TryDequeue(out var action))
        {
            action();
        }
    }

    // The stages are noted, so that those inside of an earlier one are seen.
    private void Look()
    {
        if (_stages.Count == 0 || !ReferenceEquals(_stages[^1], Ladder.Current))
        {
            _stages.Add(Ladder.Current);
        }

        if (_dropped.HasFlag(Guard.OperationDrain))
        {
            PretendDrained();
            RunWoken();
        }

        _blocked.RemoveAll(static a => !a.IsBlocked);
        _blocked.AddRange(_actors.Where(a => a.IsBlocked && !_blocked.Contains(a)));
    }

    // A mutation: whoever waits for operations of an earlier stage finds nobody.
    private void PretendDrained()
    {
        foreach (var stage in _stages)
        {
            while (!ReferenceEquals(stage, Ladder.Current) && stage.CountInside() > 0)
            {
                stage.Leave(Environment.CurrentManagedThreadId % 16);
            }
        }
    }
}
